Feature: Authentication
  The token that an app registration gives when it is created is the one that validates its phones.

  @PV-16 @must
  Rule: Only the app registration's own token validates
    Without that token nothing is validated, though the OTP be right. Which answer refuses the request, the
    documentation does not show. Documentation: the warning at its head; Headers.

    Scenario Outline: The right OTP <how>
      Given there is a pending phone validation
      And the request comes <how>
      When the person types the right OTP
      Then the request is refused

      Examples:
        | how                                         |
        | without a token                             |
        | with made-up credentials instead of a token |
        | with an unknown token                       |
        | with its own token altered                  |

    Scenario: The right OTP with the token of another app registration
      Given there is another app registration
      And there is a pending phone validation
      And the request comes with the token of the other app registration
      When the person types the right OTP
      Then the request is refused

    Scenario Outline: The right OTP <how> does not validate
      Given there is a pending phone validation
      And the status of the validation can be read
      And the request comes <how>
      When the person types the right OTP
      Then the status of the validation is not validated

      Examples:
        | how                                         |
        | without a token                             |
        | with made-up credentials instead of a token |
        | with an unknown token                       |
        | with its own token altered                  |

    Scenario: The right OTP with the token of another app registration does not validate
      Given there is another app registration
      And there is a pending phone validation
      And the status of the validation can be read
      And the request comes with the token of the other app registration
      When the person types the right OTP
      Then the status of the validation is not validated
