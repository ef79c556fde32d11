"""What `survivors` is for the objects of the wide story: mutants that neither of Stripe's descriptions calls wrong."""

from tests.sandbox.survivors import FREE, NULLABLE, OPEN, OPTIONAL

KINDS = """dispute radar.early_fraud_warning payout balance_transaction""".split()

OF_OBJECTS: dict[tuple[str, str], dict[str, str]] = {
    ("added", OPEN): {
        "dispute": "metadata",
        "payout": "metadata",
    },
    ("dropped", OPTIONAL): {
        "dispute": "payment_method_details payment_method_details.card",
        "radar.early_fraud_warning": "payment_intent",
    },
    ("null", NULLABLE): {
        "dispute": "evidence_details.due_by payment_intent payment_method_details.card.network_reason_code",
        "payout": """balance_transaction description destination failure_balance_transaction failure_code
            failure_message metadata trace_id trace_id.value""",
        "balance_transaction": "description fee_details.0.description source",
    },
    ("word", FREE): {
        "dispute": "id payment_method_details.card.network payment_method_details.card.network_reason_code",
        "radar.early_fraud_warning": "id payment_intent",
        "payout": "description destination failure_code failure_message id source_type status trace_id.value",
        "balance_transaction": "description fee_details.0.description id reporting_category",
    },
}
