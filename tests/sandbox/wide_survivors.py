"""What `survivors` is for the objects of the wide story: mutants that neither of Stripe's descriptions calls wrong."""

from tests.sandbox.survivors import FREE, NULLABLE, OPEN, OPTIONAL

KINDS = """dispute radar.early_fraud_warning payout balance_transaction customer subscription subscription_item plan
    price invoice line_item invoice_payment billing_portal.session payment_method""".split()

OF_OBJECTS: dict[tuple[str, str], dict[str, str]] = {
    ("added", OPEN): {
        "dispute": "metadata",
        "payout": "metadata",
        "customer": "metadata",
        "subscription": "metadata",
        "subscription_item": "metadata",
        "plan": "metadata",
        "price": "metadata",
        "invoice": "metadata parent.subscription_details.metadata",
        "line_item": "metadata",
        "payment_method": "metadata",
    },
    ("dropped", OPTIONAL): {
        "dispute": "payment_method_details payment_method_details.card",
        "radar.early_fraud_warning": "payment_intent",
        "customer": "balance invoice_settings metadata next_invoice_sequence",
        "subscription_item": "quantity",
        "invoice": "payments",
        "line_item": "pricing.price_details",
        "invoice_payment": "payment.payment_intent",
        "payment_method": "allow_redisplay card",
    },
    ("dropped", OPEN): {
        "customer": "metadata.*",
        "subscription": "metadata.*",
        "invoice": "parent.subscription_details.metadata.*",
    },
    ("null", NULLABLE): {
        "dispute": "evidence_details.due_by payment_intent payment_method_details.card.network_reason_code",
        "payout": """balance_transaction description destination failure_balance_transaction failure_code
            failure_message metadata trace_id trace_id.value""",
        "balance_transaction": "description fee_details.0.description source",
        "customer": "delinquent email invoice_prefix name preferred_locales tax_exempt",
        "subscription": """default_payment_method default_tax_rates description latest_invoice payment_settings
            payment_settings.save_default_payment_method""",
        "subscription_item": "tax_rates",
        "plan": "amount amount_decimal metadata product",
        "price": "recurring tax_behavior unit_amount unit_amount_decimal",
        "invoice": """account_country account_name billing_reason customer_email customer_tax_exempt effective_at
            metadata number parent parent.subscription_details parent.subscription_details.metadata status
            status_transitions.finalized_at status_transitions.voided_at subtotal_excluding_tax total_discount_amounts
            total_excluding_tax total_pretax_credit_amounts total_taxes""",
        "line_item": """description discount_amounts invoice parent parent.subscription_item_details
            parent.subscription_item_details.proration_details parent.subscription_item_details.subscription
            pretax_credit_amounts pricing pricing.unit_amount_decimal quantity quantity_decimal subscription taxes""",
        "invoice_payment": "amount_paid status_transitions.paid_at",
        "billing_portal.session": "return_url",
        "payment_method": """billing_details.address billing_details.email card.checks card.checks.cvc_check
            card.country card.display_brand card.fingerprint card.networks card.regulated_status
            card.three_d_secure_usage customer metadata""",
    },
    ("word", FREE): {
        "dispute": "id payment_method_details.card.network payment_method_details.card.network_reason_code",
        "radar.early_fraud_warning": "id payment_intent",
        "payout": "description destination failure_code failure_message id source_type status trace_id.value",
        "balance_transaction": "description fee_details.0.description id reporting_category",
        "customer": "email id invoice_prefix metadata.* name",
        "subscription": "customer default_payment_method description id metadata.*",
        "subscription_item": "id subscription",
        "plan": "id product",
        "price": "id product",
        "invoice": """account_country account_name customer_email id number parent.subscription_details.metadata.*
            parent.subscription_details.subscription""",
        "line_item": """description id invoice parent.subscription_item_details.subscription
            parent.subscription_item_details.subscription_item pricing.price_details.price
            pricing.price_details.product subscription""",
        "invoice_payment": "currency id payment.payment_intent",
        "billing_portal.session": "configuration customer id return_url url",
        "payment_method": "billing_details.email card.country card.fingerprint card.last4 customer id",
    },
}
