Feature: The phone
  People write phone numbers in different ways.

  @PV-08 @must
  Rule: Spaces in the phone are removed
    However many spaces a phone is written with, and wherever they stand, it is the same phone, and the answer
    shows it without them. Documentation: Params, phone; Notes, Phone Number Formatting.

    Scenario Outline: A phone with <where>
      Given there is a pending phone validation
      And the phone is written with <where>
      And the OTP is the <place> of the parameters
      When the person types the right OTP
      Then the phone is validated

      Examples:
        | where                   | place |
        | a space in front        | last  |
        | a space at the end      | last  |
        | a space inside          | last  |
        | several spaces inside   | first |
        | two spaces side by side | last  |
        | spaces everywhere       | last  |

    Scenario: A phone with spaces, where all is named that a request may name
      Given there is a pending phone validation
      And the phone is written with spaces everywhere
      And the request names the validation's own project
      And the request names the validation's own project flow
      And the request names the validation's own gateway
      When the person types the right OTP
      Then the phone is validated

    Scenario: A phone with spaces, where face liveness is recommended and a webhook is told
      Given there is a pending phone validation with face liveness recommended and a webhook
      And the phone is written with spaces everywhere
      When the person types the right OTP
      Then the phone is validated

    Scenario Outline: A phone of <country code> with spaces
      Given there is a pending phone validation for country code "<country code>"
      And the phone is written with spaces everywhere
      When the person types the right OTP
      Then the phone is validated

      Examples: one and two digits
        | country code |
        | +1           |
        | +57          |

    Scenario Outline: A phone with spaces, and an OTP delivered by <gateway>, which is named
      Given there is a pending phone validation delivered by "<gateway>"
      And the request names the validation's own gateway
      And the phone is written with spaces everywhere
      When the person types the right OTP
      Then the phone is validated

      Examples:
        | gateway  |
        | sms      |
        | whatsapp |
        | none     |
