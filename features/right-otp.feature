Feature: The right OTP
  A person who registers with an app gets a one-time password (OTP) on the phone and types it. The right one
  validates the phone.

  @PV-01 @must
  Rule: The right OTP validates the phone
    The right OTP for a pending phone validation is answered with the validated phone: its id, the status
    "validated", the country code and phone that were sent, the type "onboarding", and whether face liveness is
    recommended. Documentation: Response, 200.

    Scenario: The right OTP
      Given there is a pending phone validation
      When the person types the right OTP
      Then the phone is validated

    Scenario Outline: A country code like <country code>
      Given there is a pending phone validation for country code "<country code>"
      When the person types the right OTP
      Then the phone is validated

      Examples: one, two and three digits
        | country code |
        | +1           |
        | +57          |
        | +507         |

    Scenario: The answer is about this validation and no other
      Given there is a pending phone validation
      And the id of the validation is known
      When the person types the right OTP
      Then the answer names the validation's own id

  @PV-09 @must
  Rule: The OTP is a number
    The OTP is sent as a number, and it does not matter where it stands among the parameters, or how the request is
    laid out. Documentation: Params, otp; Request, where each language lays it out in its own way.

    Scenario Outline: The OTP is the <place> of the parameters, <laid out>
      Given there is a pending phone validation
      And the OTP is the <place> of the parameters
      And the request is laid out <laid out>
      When the person types the right OTP
      Then the phone is validated

      Examples:
        | place  | laid out                      |
        | first  | without spaces                |
        | middle | with spaces between its parts |
        | last   | over several lines            |
        | middle | with its plus as an escape    |

  @PV-12 @must
  Rule: Success changes the validation's status to validated, for good
    After the right OTP the validation's own status is "validated", and stays so. Documentation: Notes,
    Status Updates.

    Scenario: The status is kept
      Given there is a pending phone validation
      And the status of the validation can be read
      When the person types the right OTP
      Then the status of the validation is validated
      And the status of the validation is still validated

    Scenario Outline: The status is kept for a phone of <country code>, an OTP delivered by <gateway>, and a request that names <named>
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      And the status of the validation can be read
      And the phone is written with spaces everywhere
      And the request names <named>
      When the person types the right OTP
      Then the status of the validation is validated

      Examples: one, two and three digits
        | country code | gateway  | named                                             |
        | +1           | sms      | the validation's own project flow, if it is known |
        | +57          | whatsapp | the validation's own gateway                      |
        | +507         | none     | all that is known of the validation               |

    Scenario: The status is kept where face liveness is recommended, all is named, and two OTPs were wrong
      Given there is a pending phone validation with face liveness recommended
      And the status of the validation can be read
      And the phone is written with spaces everywhere
      And the OTP is the first of the parameters
      And the request names all that is known of the validation
      When the person types a wrong OTP
      And the person types an OTP of which only the first digit is wrong
      And the person types the right OTP
      Then the status of the validation is validated

    Scenario: The status is kept where a webhook is told, and all is named
      Given there is a pending phone validation with a webhook
      And the status of the validation can be read
      And the request names all that is known of the validation
      When the person types the right OTP
      Then the status of the validation is validated

    Scenario: The status is kept, whatever is typed or refused afterwards
      Given there is a pending phone validation
      And the status of the validation can be read
      And the request names the validation's own project, if it is known
      When the person types the right OTP
      And the person types the right OTP
      And the person types a wrong OTP
      And the request names another project
      And the person types the right OTP
      And the request is as documented again
      And the country code is written "507"
      And the person types the right OTP
      And the request is as documented again
      And the request leaves out otp
      And the person types the right OTP
      And the request is as documented again
      And the request comes without a token
      And the person types the right OTP
      Then the status of the validation is still validated

  @PV-13 @must
  Rule: Success links the validation to the app registration
    After the right OTP the app registration is linked to its phone validation. Documentation: Notes, App
    Registration Linking.

    Scenario: The link is made
      Given there is a pending phone validation
      And the link of the app registration can be read
      When the person types the right OTP
      Then the app registration is linked to the validation

    Scenario Outline: The link is made for a phone of <country code>, an OTP delivered by <gateway>, and a request that names <named>
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      And the link of the app registration can be read
      And the phone is written with spaces everywhere
      And the request names <named>
      When the person types the right OTP
      Then the app registration is linked to the validation

      Examples: one, two and three digits
        | country code | gateway  | named                                             |
        | +1           | sms      | the validation's own project flow, if it is known |
        | +57          | whatsapp | the validation's own gateway                      |
        | +507         | none     | all that is known of the validation               |

    Scenario: The link is made where face liveness is recommended, all is named, and two OTPs were wrong
      Given there is a pending phone validation with face liveness recommended
      And the link of the app registration can be read
      And the phone is written with spaces everywhere
      And the OTP is the first of the parameters
      And the request names all that is known of the validation
      When the person types a wrong OTP
      And the person types an OTP of which only the first digit is wrong
      And the person types the right OTP
      Then the app registration is linked to the validation

    Scenario: The link is made where a webhook is told, and all is named
      Given there is a pending phone validation with a webhook
      And the link of the app registration can be read
      And the request names all that is known of the validation
      When the person types the right OTP
      Then the app registration is linked to the validation

    Scenario: The link is kept, whatever is typed or refused afterwards
      Given there is a pending phone validation
      And the link of the app registration can be read
      And the request names the validation's own project, if it is known
      When the person types the right OTP
      And the person types the right OTP
      And the person types a wrong OTP
      And the request names another project
      And the person types the right OTP
      And the request is as documented again
      And the country code is written "507"
      And the person types the right OTP
      And the request is as documented again
      And the request leaves out otp
      And the person types the right OTP
      And the request is as documented again
      And the request comes without a token
      And the person types the right OTP
      Then the app registration is linked to the validation

    Scenario: The link is made though another app registration came after, and an OTP was wrong
      Given there is a pending phone validation
      And there is another app registration
      And the link of the app registration can be read
      When the person types a wrong OTP
      And the person types the right OTP
      Then the app registration is linked to the validation

  @PV-26 @should
  Rule: A success changes nothing else
    The right OTP validates the phone that it was sent to, and no other. Documentation: Notes, Status Updates and App
    Registration Linking ("the user's app registration record").

    @alone
    Scenario: A validation that was made before
      Given there is another pending phone validation
      And there is a pending phone validation
      And the status of the other validation can be read
      And the link of the other app registration can be read
      When the person types the right OTP
      Then the status of the other validation is not validated
      And the other app registration is not linked to a validation
      When it is the other person's turn
      And the person types the right OTP
      Then the phone is validated

    @alone
    Scenario: A validation that was made after
      Given there is a pending phone validation
      And there is another pending phone validation
      And the status of the other validation can be read
      And the link of the other app registration can be read
      When the person types the right OTP
      Then the status of the other validation is not validated
      And the other app registration is not linked to a validation
      When it is the other person's turn
      And the request comes with the token of the other app registration
      And the person types the right OTP
      And the request is as documented again
      And the person types the right OTP
      Then the phone is validated
