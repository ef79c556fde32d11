"""The mutants that neither of Stripe's descriptions calls wrong, each with the reason why it may live.

They are no gaps in the tests but what Stripe leaves open, so our adapter must be able to read every one of them: a test
hands them to it. By what was done, kind of object, and path; * stands for any key of metadata.
"""

OPEN = "metadata takes any name"
OPTIONAL = "the document calls it optional: Stripe leaves it out where it does not apply"
LATER = "later than the document, and the SDK's types do not say whether it may be left out"
NULLABLE = "both call it nullable: Stripe sends null where there is nothing"
FREE = "a text, an id, an address, or one of some words that neither lists"

OF_OBJECTS: dict[tuple[str, str], dict[str, str]] = {
    ("added", OPEN): {
        "charge": "metadata",
        "checkout.session": "invoice_creation.invoice_data.metadata metadata",
        "item": "metadata",
        "payment_intent": "metadata",
        "payment_method": "metadata",
        "price": "metadata",
        "dispute": "metadata",
        "payout": "metadata",
        "product": "metadata",
        "refund": "metadata",
        "webhook_endpoint": "metadata",
    },
    ("dropped", OPEN): {
        "charge": "metadata.*",
        "checkout.session": "metadata.*",
        "payment_intent": "metadata.*",
        "refund": "metadata.*",
    },
    ("dropped", OPTIONAL): {
        "account": "charges_enabled country default_currency details_submitted payouts_enabled type",
        "dispute": "payment_method_details payment_method_details.card",
        "radar.early_fraud_warning": "payment_intent",
        "balance": """available.0.source_types available.0.source_types.card pending.0.source_types
            pending.0.source_types.card""",
        "charge": "outcome.risk_level outcome.risk_score payment_method_details.card radar_options refunds",
        "checkout.session": "branding_settings payment_method_options.card phone_number_collection",
        "payment_intent": """amount_details amount_details.tip last_payment_error.advice_code last_payment_error.charge
            last_payment_error.code last_payment_error.decline_code last_payment_error.doc_url
            last_payment_error.message last_payment_error.payment_method payment_method_options.card""",
        "payment_method": "allow_redisplay card",
        "refund": """destination_details destination_details.card destination_details.card.reference_status
            destination_details.card.reference_type failure_balance_transaction failure_reason""",
    },
    ("dropped", LATER): {
        "checkout.session": "allowed_payment_method_types",
        "payment_intent": "allowed_payment_method_types payment_record source",
        "refund": "customer customer_account payment_method",
    },
    ("null", NULLABLE): {
        "balance_transaction": "description fee_details.0.description source",
        "dispute": "evidence_details.due_by payment_intent payment_method_details.card.network_reason_code",
        "payout": """balance_transaction description destination failure_balance_transaction failure_code
            failure_message metadata trace_id trace_id.value""",
        "charge": """balance_transaction billing_details.address billing_details.email calculated_statement_descriptor
            description fraud_details outcome outcome.network_status outcome.seller_message payment_intent
            payment_method payment_method_details payment_method_details.card.amount_authorized
            payment_method_details.card.authorization_code payment_method_details.card.brand
            payment_method_details.card.checks payment_method_details.card.checks.cvc_check
            payment_method_details.card.country payment_method_details.card.fingerprint
            payment_method_details.card.funding payment_method_details.card.last4 payment_method_details.card.network
            payment_method_details.card.network_token payment_method_details.card.regulated_status refunds""",
        "checkout.session": """adaptive_pricing amount_subtotal amount_total cancel_url client_reference_id currency
            customer_creation customer_details customer_details.email customer_details.tax_exempt customer_email
            discounts invoice_creation invoice_creation.invoice_data.metadata locale managed_payments metadata
            payment_intent payment_method_collection payment_method_options status submit_type success_url
            total_details total_details.amount_shipping ui_mode""",
        "event": "api_version request request.id request.idempotency_key",
        "item": "description metadata price quantity",
        "payment_intent": """canceled_at cancellation_reason client_secret description last_payment_error latest_charge
            payment_method_options payment_method_options.card.request_three_d_secure""",
        "payment_method": """billing_details.address billing_details.email card.checks card.checks.cvc_check
            card.country card.display_brand card.fingerprint card.networks card.regulated_status
            card.three_d_secure_usage metadata""",
        "price": "tax_behavior unit_amount unit_amount_decimal",
        "product": "description",
        "refund": "balance_transaction charge metadata payment_intent payment_method status",
        "webhook_endpoint": "api_version",
    },
    ("word", FREE): {
        "account": "country default_currency id",
        "balance_transaction": "description fee_details.0.description id reporting_category",
        "dispute": """charge id payment_intent payment_method_details.card.network
            payment_method_details.card.network_reason_code""",
        "payout": "description destination failure_code failure_message id source_type status trace_id.value",
        "radar.early_fraud_warning": "charge id payment_intent",
        "charge": """billing_details.email calculated_statement_descriptor description id metadata.*
            outcome.risk_level outcome.seller_message payment_intent payment_method
            payment_method_details.card.authorization_code payment_method_details.card.country
            payment_method_details.card.fingerprint payment_method_details.card.last4 payment_method_details.type""",
        "checkout.session": """branding_settings.background_color branding_settings.button_color
            branding_settings.display_name branding_settings.font_family cancel_url client_reference_id
            customer_details.email customer_email id metadata.* success_url""",
        "event": "api_version id request.id request.idempotency_key",
        "item": "description id",
        "payment_intent": """client_secret description id last_payment_error.advice_code last_payment_error.charge
            last_payment_error.decline_code last_payment_error.doc_url last_payment_error.message metadata.*""",
        "payment_method": "billing_details.email card.country card.fingerprint card.last4 id",
        "price": "id",
        "product": "description id name",
        "refund": """charge destination_details.card.reference_type destination_details.type id metadata.*
            payment_intent payment_method""",
        "webhook_endpoint": "api_version id url",
    },
}

RULE = "no schema says it must be sent: the stand-in holds Stripe's rule by hand (sandbox/stripe/session_rules.py)"
CHOICE = "it may be left out; what the books need of it, tests/adapters/test_stripe_checkout.py holds"

OF_REQUESTS: dict[tuple[str, str], dict[str, str]] = {
    ("added", OPEN): {"POST /v1/checkout/sessions": "metadata payment_intent_data.metadata"},
    ("dropped", RULE): {
        "POST /v1/checkout/sessions": """line_items line_items.0 line_items.0.price_data
            line_items.0.price_data.product_data line_items.0.price_data.unit_amount line_items.0.quantity mode
            success_url"""
    },
    ("dropped", CHOICE): {
        "POST /v1/checkout/sessions": """adaptive_pricing adaptive_pricing.enabled cancel_url client_reference_id
            customer_email expires_at line_items.0.price_data.product_data.description locale metadata metadata.*
            payment_intent_data payment_intent_data.description payment_intent_data.metadata
            payment_intent_data.metadata.* submit_type""",
        "GET /v1/checkout/sessions": "limit payment_intent",
        "GET /v1/checkout/sessions/*": "expand expand.1",
        "GET /v1/refunds": "charge expand expand.1 limit starting_after",
        "GET /v1/disputes": "charge limit",
        "GET /v1/balance_transactions": "created created.gte expand expand.0 limit starting_after",
        "GET /v1/balance_transactions/*": "expand expand.0",
        "GET /v1/payouts/*": "expand expand.1",
        "GET /v1/events": "created created.gte delivery_success limit",
        "GET /v1/webhook_endpoints": "limit",
    },
    ("word", FREE): {
        "POST /v1/checkout/sessions": """cancel_url client_reference_id customer_email
            line_items.0.price_data.product_data.description line_items.0.price_data.product_data.name metadata.*
            payment_intent_data.description payment_intent_data.metadata.* success_url""",
        "GET /v1/checkout/sessions": "payment_intent",
        "GET /v1/checkout/sessions/*": "expand.0 expand.1",
        "GET /v1/refunds": "charge expand.0 expand.1 starting_after",
        "GET /v1/disputes": "charge",
        "GET /v1/balance_transactions": "expand.0 starting_after",
        "GET /v1/balance_transactions/*": "expand.0",
        "GET /v1/payouts/*": "expand.0 expand.1",
    },
}


def listed(table: dict[tuple[str, str], dict[str, str]]) -> set[tuple[str, str, str]]:
    """Return a table's survivors as (what was done, kind, path)."""
    rows = [(what, kind, paths) for (what, _), kinds in table.items() for kind, paths in kinds.items()]
    return {(what, kind, path) for what, kind, paths in rows for path in paths.split()}
