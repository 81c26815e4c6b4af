Feature: Optional parameters
  A request may say which project and flow it is about, and how the OTP was delivered.

  @PV-10 @must
  Rule: Project, flow and delivery method may be given
    The project, the project flow and the delivery method (sms, whatsapp or none) are optional: a request that
    names the validation's own is accepted like one that does not. Documentation: Params.

    Scenario Outline: The request names the <parameter>
      Given there is a pending phone validation
      And the request names the validation's own <parameter>
      When the person types the right OTP
      Then the phone is validated

      Examples:
        | parameter    |
        | project      |
        | project flow |

    Scenario Outline: The OTP was delivered by <gateway>
      Given there is a pending phone validation delivered by "<gateway>"
      And the request names the validation's own gateway
      When the person types the right OTP
      Then the phone is validated

      Examples:
        | gateway  |
        | sms      |
        | whatsapp |
        | none     |

    Scenario Outline: The request names the project, the flow and <gateway>, for a phone of <country code>
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      And the request names the validation's own project
      And the request names the validation's own project flow
      And the request names the validation's own gateway
      When the person types the right OTP
      Then the phone is validated

      Examples:
        | country code | gateway  |
        | +507         | sms      |
        | +1           | whatsapp |
        | +57          | none     |

    Scenario Outline: The request begins with the <one> and the <other>
      Given there is a pending phone validation
      And the request names the validation's own <other>
      And the request names the validation's own <one>
      And the parameters stand the other way round
      When the person types the right OTP
      Then the phone is validated

      Examples:
        | one     | other        |
        | gateway | project      |
        | gateway | project flow |
        | project | project flow |
