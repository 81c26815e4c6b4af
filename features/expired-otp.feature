Feature: An expired OTP
  An OTP has a limited life, typically ten minutes.

  @PV-07 @must
  Rule: An expired OTP is refused, even if it is right
    Once it has expired, even the right OTP is answered phoneValidation_has_expired, and it validates nothing.
    Documentation: Response, 412; Notes, OTP Expiration.

    Scenario: The right OTP, too late, and again
      Given there is an expired phone validation
      And what can be read of the validation is looked at
      And the request is laid out over several lines
      When the person types the right OTP
      Then the answer is that the OTP has expired
      When the person types a wrong OTP
      And the person types the right OTP
      Then the request is refused
      When the phone is written with spaces everywhere
      And the person types the right OTP
      Then the request is refused
      And nothing that can be read of it tells of a success

    Scenario Outline: The right OTP, too late, for a phone of <country code>, delivered by <gateway>, also with all that a request may name
      Given there is an expired phone validation for country code "<country code>" delivered by "<gateway>"
      And what can be read of the validation is looked at
      And the request names all that is known of the validation
      When the person types the right OTP
      Then the answer is that the OTP has expired
      When the request is as documented again
      And the phone is written with spaces everywhere
      And the person types the right OTP
      Then the request is refused
      And nothing that can be read of it tells of a success

      Examples: one, two and three digits
        | country code | gateway  |
        | +1           | sms      |
        | +57          | whatsapp |
        | +507         | none     |

    Scenario: The right OTP, too late, with its project and its flow, for a phone with spaces
      Given there is an expired phone validation
      And the phone is written with spaces everywhere
      And the request names the validation's own project
      And the request is laid out without spaces
      And what can be read of the validation is looked at
      When the person types the right OTP
      Then the answer is that the OTP has expired
      When the request names all that is known of the validation
      And the person types the right OTP
      Then the request is refused
      When the request is as documented again
      And the request names the validation's own project flow, if it is known
      And the person types the right OTP
      Then the request is refused
      And nothing that can be read of it tells of a success

    Scenario: The right OTP, too late, where a webhook is told, also where all is named
      Given there is an expired phone validation with a webhook
      And the request names all that is known of the validation
      And what can be read of the validation is looked at
      When the person types the right OTP
      Then the answer is that the OTP has expired
      When the request is as documented again
      And the person types the right OTP
      Then the request is refused
      And nothing that can be read of it tells of a success

    Scenario: The right OTP, too late, does not validate
      Given there is an expired phone validation
      And the OTP is the first of the parameters
      And the status of the validation can be read
      When the person types the right OTP
      And the country code is another one of as many digits
      And the person types the right OTP
      And the request is as documented again
      And the phone is written with spaces everywhere
      And the person types the right OTP
      Then the status of the validation is not validated

    Scenario: The right OTP, too late, does not link
      Given there is an expired phone validation
      And the link of the app registration can be read
      When the person types the right OTP
      And the phone is another one
      And the person types the right OTP
      And the request is as documented again
      And the phone is written with spaces everywhere
      And the person types the right OTP
      Then the app registration is not linked to the validation
