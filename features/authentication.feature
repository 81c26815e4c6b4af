Feature: Authentication
  Creating an app registration returns a token. Only that token can validate the registration's phone.

  @PV-16 @must
  Rule: Only the app registration's own token validates
    Without that token nothing is validated, at once or later, even if the OTP is right. The documentation does not show
    which answer refuses the request. Documentation: the warning at its head; Headers.

    Scenario: The right OTP without a token, or with one that nobody knows
      Given there is a pending phone validation
      When the request comes without a token
      And the person types the right OTP
      Then the request is refused
      When the request comes with made-up credentials instead of a token
      And the person types the right OTP
      Then the request is refused
      When the request comes with an unknown token
      And the person types the right OTP
      Then the request is refused
      When the request comes with the word null instead of a token
      And the person types the right OTP
      Then the request is refused
      When the request comes with the word undefined instead of a token
      And the person types the right OTP
      Then the request is refused

    Scenario: The right OTP with what is left of its own token, once that was used
      Given there is a pending phone validation
      When the person types a wrong OTP
      And the request comes with its own token altered
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, its last character another one
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, its first character another one
      And the person types the right OTP
      Then the request is refused
      When the request comes with a part of its own token
      And the person types the right OTP
      Then the request is refused
      When the request comes with an empty token
      And the person types the right OTP
      Then the request is refused

    Scenario: The right OTP with its own token, forged, once that was used
      Given there is a pending phone validation
      When the person types a wrong OTP
      And the request comes with its own token, unsigned
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, signed with an empty key
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token without its signature
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, its contents written otherwise
      And the person types the right OTP
      Then the request is refused

    Scenario: The right OTP with its own token, forged in further ways
      Given there is a pending phone validation
      When the request comes with its own token, unsigned, and that said with a capital
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token without its signature and the point before it
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, signed with a key that is a usual example
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, signed with the key of another usual example
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, of another algorithm
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, unsigned, its signature left behind it
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, signed with a key that it brings along
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token, signed with an empty and unnamed key
      And the person types the right OTP
      Then the request is refused

    @alone
    Scenario: The right OTP without a token, after a wrong one with it, and all that a request may name
      Given there is a pending phone validation
      When the person types a wrong OTP
      And the request comes without a token
      And the person types the right OTP
      Then the request is refused
      When the phone is written with spaces everywhere
      And the request names the validation's own project flow
      And the person types the right OTP
      Then the request is refused
      When the request names the validation's own project
      And the request names the validation's own gateway
      And the person types the right OTP
      Then the request is refused
      When the request comes with an unknown token
      And the person types the right OTP
      Then the request is refused

    Scenario Outline: The right OTP with a token that nobody knows, or without one, for a phone of <country code>, delivered by <gateway>
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      And what can be read of the validation is looked at
      When the request comes with an unknown token
      And the person types the right OTP
      Then the request is refused
      When the request comes without a token
      And the person types the right OTP
      Then the request is refused
      When the request names the validation's own gateway
      And the person types the right OTP
      Then the request is refused
      When the request comes with an unknown token
      And the person types the right OTP
      Then the request is refused
      And nothing that can be read of it tells of a success

      Examples: one, two and three digits
        | country code | gateway  |
        | +1           | sms      |
        | +57          | whatsapp |
        | +507         | none     |

    Scenario Outline: The right OTP with a token that nobody knows, or without one, where <what>
      Given there is a pending phone validation with <state>
      And what can be read of the validation is looked at
      When the request comes with an unknown token
      And the person types the right OTP
      Then the request is refused
      When the request comes without a token
      And the person types the right OTP
      Then the request is refused
      And nothing that can be read of it tells of a success

      Examples:
        | what                         | state                     |
        | face liveness is recommended | face liveness recommended |
        | a webhook is told            | a webhook                 |

    Scenario: The right OTP with its own token, written otherwise, once that was used
      Given there is a pending phone validation
      When the person types a wrong OTP
      And the request comes with its own token and more behind it
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token in small letters and capitals the other way round
      And the person types the right OTP
      Then the request is refused

    Scenario: The right OTP with the token of another app registration
      Given there is another app registration
      And there is a pending phone validation
      When the request comes with the token of the other app registration
      And the person types the right OTP
      Then the request is refused
      When the request is as documented again
      And the person types a wrong OTP
      And the phone is written with spaces everywhere
      And the request comes with the token of the other app registration
      And the person types the right OTP
      Then the request is refused

    Scenario Outline: The right OTP with the token of another app registration, for a pending phone validation <state>, also with all that a request may name
      Given there is <another>
      And there is a pending phone validation <state>
      When the request comes with the token of the other app registration
      And the person types the right OTP
      Then the request is refused
      When the request names all that is known of the validation
      And the person types the right OTP
      Then the request is refused

      Examples:
        | state                                          | another                                          |
        | for country code "+1" delivered by "sms"       | another app registration                         |
        | for country code "+57" delivered by "whatsapp" | another app registration                         |
        | for country code "+507" delivered by "none"    | another app registration for country code "+507" |
        | with face liveness recommended                 | another app registration                         |
        | with a webhook                                 | another app registration                         |

    Scenario: The right OTP with the token of a person who came after and has an OTP too, and all that a request may name
      Given there is a pending phone validation
      And there is another pending phone validation
      When the request comes with the token of the other app registration
      And the request names the validation's own gateway
      And the person types the right OTP
      Then the request is refused
      When the request names the validation's own project
      And the person types the right OTP
      Then the request is refused
      When the request names the validation's own project flow
      And the phone is written with spaces everywhere
      And the person types the right OTP
      Then the request is refused

    @alone
    Scenario: The same request again after the success, without its token
      Given there is another app registration
      And there is a pending phone validation
      When the person types the right OTP
      And the request comes without a token
      And the person types the right OTP
      Then the request is refused
      When the request comes with an unknown token
      And the person types the right OTP
      Then the request is refused
      When the request comes with its own token altered
      And the person types the right OTP
      Then the request is refused
      When the request comes with the token of the other app registration
      And the person types the right OTP
      Then the request is refused

    Scenario Outline: After the right OTP without a token, or with one that nobody knows, <so>
      Given there is a pending phone validation
      And <what> can be read
      And the OTP is the first of the parameters
      When the request comes without a token
      And the person types the right OTP
      And the request comes with made-up credentials instead of a token
      And the person types the right OTP
      And the request comes with an unknown token
      And the person types the right OTP
      Then <so>

      Examples:
        | what                             | so                                                   |
        | the status of the validation     | the status of the validation is not validated        |
        | the link of the app registration | the app registration is not linked to the validation |

    Scenario Outline: After the right OTP with what is left of its own token, or an id, <so>
      Given there is a pending phone validation
      And <what> can be read
      When the request comes with its own token altered
      And the person types the right OTP
      And the phone is written with spaces everywhere
      And the request names all that is known of the validation
      And the request comes with a part of its own token
      And the person types the right OTP
      And the request comes with an empty token
      And the person types the right OTP
      And the request is as documented again
      And the request comes with <an id> instead of a token
      And the person types the right OTP
      Then <so>

      Examples:
        | what                             | an id                              | so                                                   |
        | the status of the validation     | the id of the validation           | the status of the validation is not validated        |
        | the link of the app registration | the id of its own app registration | the app registration is not linked to the validation |

    Scenario Outline: After the right OTP with the token of another app registration, <so>
      Given there is another app registration
      And there is a pending phone validation
      And <what> can be read
      When the request comes with the token of the other app registration
      And the person types the right OTP
      Then <so>

      Examples:
        | what                                   | so                                                       |
        | the status of the validation           | the status of the validation is not validated            |
        | the link of the app registration       | the app registration is not linked to the validation     |
        | the link of the other app registration | the other app registration is not linked to a validation |

    Scenario Outline: After the right OTP with its own token, forged, <so>
      Given there is a pending phone validation
      And <what> can be read
      When the request comes with its own token, unsigned
      And the person types the right OTP
      And the request comes with its own token, signed with an empty key
      And the person types the right OTP
      Then <so>

      Examples:
        | what                             | so                                                   |
        | the status of the validation     | the status of the validation is not validated        |
        | the link of the app registration | the app registration is not linked to the validation |
