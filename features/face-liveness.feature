Feature: Face liveness
  Some flows recommend a check of the person's face as the next step.

  @PV-15 @must
  Rule: The answer recommends face liveness if the flow does
    The answer to the right OTP recommends face liveness if the project's flow does, and only then.
    Documentation: Response, 200, showFaceLivenessRecommendation; Notes, Face Liveness.

    Scenario: A flow that recommends it
      Given there is a pending phone validation with face liveness recommended
      When the person types the right OTP
      Then the answer recommends face liveness

    Scenario Outline: A flow that recommends it, for a phone of <country code>, delivered by <gateway>, as the request says
      Given there is a pending phone validation with face liveness recommended for country code "<country code>" delivered by "<gateway>"
      And the request names the validation's own gateway
      When the person types the right OTP
      Then the answer recommends face liveness

      Examples: one and two digits
        | country code | gateway  |
        | +1           | none     |
        | +57          | whatsapp |

    Scenario: Any flow
      Given there is a pending phone validation
      And the face liveness recommendation of the validation is known
      When the person types the right OTP
      Then the answer recommends face liveness where the validation's flow does
