Feature: Notifications
  An app learns through its webhook what became of a validation.

  @PV-14 @must
  Rule: A validation is notified
    When a phone is validated, the webhook of its validation gets a notification that names the validation and
    holds neither the OTP nor a token. Documentation: Notes, Webhook Events.

    Scenario: The right OTP is notified
      Given there is a pending phone validation with a webhook
      When the person types the right OTP
      Then a notification tells of the validation
