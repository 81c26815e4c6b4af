Feature: An expired OTP
  An OTP has a limited life, typically ten minutes.

  @PV-07 @must
  Rule: An expired OTP is refused, though right
    After its time even the right OTP is answered phoneValidation_has_expired, and it validates nothing.
    Documentation: Response, 412; Notes, OTP Expiration.

    Scenario: The right OTP, too late
      Given there is an expired phone validation
      When the person types the right OTP
      Then the answer is that the OTP has expired

    Scenario: The right OTP, too late, does not validate
      Given there is an expired phone validation
      And the status of the validation can be read
      When the person types the right OTP
      Then the status of the validation is not validated

    Scenario: The right OTP, too late, does not link
      Given there is an expired phone validation
      And the link of the app registration can be read
      When the person types the right OTP
      Then the app registration is not linked to the validation
