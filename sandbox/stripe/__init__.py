"""A stand-in for Stripe: enough of its API, its hosted payment page and its webhooks for gifts, once and monthly.

It speaks one API version (`account.API_VERSION`) in the shapes of Stripe's published OpenAPI document, and enforces by
hand the rules that document cannot express. It moves no money and sees no card.

What Stripe does and this does not, it refuses by name instead of ignoring it. Not like Stripe: the fee is a fixed
table (`currencies`), the balance is kept in the currency of each payment, nothing asks for 3-D Secure, and requests
take turns. Objects have the account's own clock, which can be moved (`app.move_clock`); webhooks go by the machine's.

Adding a resource: a skeleton in `skeletons/`, a file with its ROUTES, one line in `app.RESOURCES`.
"""
