Feature: A wrong OTP
  A person mistypes the OTP. Nothing is validated, and the right one still works.

  @PV-02 @must
  Rule: A wrong OTP does not match
    An OTP that differs from the right one, be it in one digit, is answered otp_does_not_match. Documentation:
    Response, 403.

    Scenario Outline: An OTP of which <which> is wrong
      Given there is a pending phone validation
      When the person types an OTP of which <which> is wrong
      Then the answer is that the OTP does not match

      Examples:
        | which                |
        | only the first digit |
        | only a middle digit  |
        | only the last digit  |
        | every digit          |

    Scenario: The right OTP of another validation
      Given there is another pending phone validation
      And there is a pending phone validation
      When the person types the OTP of the other validation
      Then the answer is that the OTP does not match

  @PV-17 @should
  Rule: A wrong OTP does not spend the validation
    The OTP stays valid for its time: whoever mistypes it once may type the right one afterwards.
    Documentation: Notes, OTP Expiration.

    Scenario: A wrong OTP, then the right one
      Given there is a pending phone validation
      When the person types a wrong OTP
      And the person types the right OTP
      Then the phone is validated

  @PV-22 @should
  Rule: A wrong OTP neither validates nor links
    Only success changes the validation's status and links it to the app registration. Documentation: Notes,
    Status Updates and App Registration Linking.

    Scenario: A wrong OTP does not validate
      Given there is a pending phone validation
      And the status of the validation can be read
      When the person types a wrong OTP
      Then the status of the validation is not validated

    Scenario: A wrong OTP does not link
      Given there is a pending phone validation
      And the link of the app registration can be read
      When the person types a wrong OTP
      Then the app registration is not linked to the validation
