Feature: Notifications
  An app learns from its webhook what happened to a validation.

  @PV-14 @must
  Rule: A success is notified
    When a phone is validated, the webhook of its validation gets a notification that names the validation and
    holds neither the OTP nor a token. Documentation: Notes, Webhook Events.

    Scenario: The right OTP is notified
      Given there is a pending phone validation with a webhook
      When the person types the right OTP
      Then a notification tells of the validation

    Scenario Outline: The right OTP is notified for a phone of <country code>, delivered by <gateway>, where the request names the delivery and the <named>, the phone has spaces, and an OTP was wrong
      Given there is a pending phone validation with a webhook for country code "<country code>" delivered by "<gateway>"
      And the request gives "phoneGateway" as "<gateway>"
      And the request names the validation's own <named>
      And the phone is written with spaces everywhere
      When the person types a wrong OTP
      And the person types the right OTP
      Then a notification tells of the validation

      Examples:
        | country code | gateway  | named        |
        | +1           | sms      | gateway      |
        | +57          | whatsapp | project      |
        | +507         | none     | project flow |

    Scenario: The right OTP is notified where all is named, the phone has spaces, and two OTPs were wrong
      Given there is a pending phone validation with a webhook
      And the request names all that is known of the validation
      And the phone is written with spaces everywhere
      And the OTP is the first of the parameters
      When the person types a wrong OTP
      And the person types an OTP of which only the first digit is wrong
      And the person types the right OTP
      Then a notification tells of the validation

  @PV-27 @should
  Rule: No notification claims a success that did not happen
    If the OTP was refused, no notification says that the phone is validated, at once or later. Documentation:
    Notes, Webhook Events and Status Updates.

    Scenario: Wrong OTPs where face liveness is recommended
      Given there is a pending phone validation with face liveness recommended and a webhook
      When the person types an OTP of which only the first digit is wrong
      And the phone is written with spaces everywhere
      And the person types an OTP of which only the last digit is wrong
      And the person types a wrong OTP as text
      And the person types the right OTP and one digit more
      And the person types a query for any other value
      Then no notification tells of a success

    Scenario Outline: Wrong OTPs for a phone of <country code>, delivered by <gateway>, also where the request names all that is known and the phone has spaces
      Given there is a pending phone validation with a webhook for country code "<country code>" delivered by "<gateway>"
      When the person types <at first>
      And the person types a wrong OTP
      And the request names all that is known of the validation
      And the phone is written with spaces everywhere
      And the person types an OTP of which only the last digit is wrong
      And the person types <at last>
      Then no notification tells of a success

      Examples:
        | country code | gateway  | at first                     | at last                              |
        | +1           | sms      | the right OTP and a fraction | true                                 |
        | +57          | whatsapp | the right OTP within a list  | the right OTP with a minus before it |
        | +507         | none     | zero                         | the right OTP without its last digit |

    Scenario: The right OTP for another project or flow, nothing typed, and the right OTP with an unknown token, or none
      Given there is a pending phone validation with a webhook
      And the request names another project
      When the person types the right OTP
      And the request is as documented again
      And the request names another project flow
      And the person types the right OTP
      And the request is as documented again
      And the request leaves out phone, countryCode and otp
      And the person types the right OTP
      And the request is as documented again
      And the request leaves out otp
      And the person types the right OTP
      And the request leaves out phone
      And the person types the right OTP
      And the request leaves out countryCode
      And the person types the right OTP
      And the request is as documented again
      And the request comes with an unknown token
      And the person types the right OTP
      And the request comes without a token
      And the person types the right OTP
      Then no notification tells of a success

    Scenario: The right OTP for another phone, for another country code or a badly written one, or with the token of another app registration
      Given there is another app registration
      And there is a pending phone validation with a webhook
      When the phone is another one
      And the person types the right OTP
      And the request is as documented again
      And the country code is another one of as many digits
      And the person types the right OTP
      And the request is as documented again
      And the request comes with the token of the other app registration
      And the person types the right OTP
      And the request is as documented again
      And the country code is its own without its plus
      And the person types the right OTP
      Then no notification tells of a success

    Scenario: The right OTP, too late, and a wrong one
      Given there is an expired phone validation with a webhook
      When the person types the right OTP
      And the person types a wrong OTP
      And the person types the right OTP
      Then no notification tells of a success
