Feature: What the app sends
  What the documentation asks of an app that lets a person type an OTP. These rules are not about the provider: they are
  judged where apps are tried (serve --judge), on every request that the app sends, and have no scenarios.

  @PC-01 @must @client
  Rule: The app sends the app registration's own token
    Every request carries, as a bearer token, the token that creating the app registration returned: not the account's,
    not another registration's. Documentation: the warning above Headers, and Headers.

  @PC-02 @must @client
  Rule: The app says that it sends JSON
    Every request has the content type application/json. Documentation: Headers.

  @PC-03 @must @client
  Rule: The app sends phone, country code and OTP as documented
    What is sent is one JSON object with phone and countryCode as text, the country code as + and 1 to 3 digits, and otp
    as a number; what else it holds is of the documented type. Documentation: Params.

  @PC-04 @should @client
  Rule: The app sends only what is documented
    Every parameter is one that the documentation shows, and the delivery method is sms, whatsapp or none.
    Documentation: Params.

  @PC-05 @must @client
  Rule: The app calls the documented address in the documented way
    Every request to validate a phone is a PUT to /v2/phone-validations, spelt exactly so, with nothing after it.
    Documentation: Endpoint.

  @PC-06 @observe @client
  Rule: What the app does after a refusal
    For each kind of refusal it is recorded what the app does next: send the same again, send another OTP, ask for a new
    one, or nothing. The documentation does not say what it should do.
