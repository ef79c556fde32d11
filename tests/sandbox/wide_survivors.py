"""What `survivors` is for the objects of the wide story: mutants that neither of Stripe's descriptions calls wrong."""

from tests.sandbox.survivors import FREE, NULLABLE, OPEN, OPTIONAL

KINDS = """dispute radar.early_fraud_warning""".split()

OF_OBJECTS: dict[tuple[str, str], dict[str, str]] = {
    ("added", OPEN): {
        "dispute": "metadata",
    },
    ("dropped", OPTIONAL): {
        "dispute": "payment_method_details payment_method_details.card",
        "radar.early_fraud_warning": "payment_intent",
    },
    ("null", NULLABLE): {
        "dispute": "evidence_details.due_by payment_intent payment_method_details.card.network_reason_code",
    },
    ("word", FREE): {
        "dispute": "id payment_method_details.card.network payment_method_details.card.network_reason_code",
        "radar.early_fraud_warning": "id payment_intent",
    },
}
