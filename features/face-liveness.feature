Feature: Face liveness
  Some flows recommend that the person's face be checked next.

  @PV-15 @must
  Rule: The answer recommends face liveness where the flow does
    The answer to the right OTP recommends face liveness where the project's flow does, and not elsewhere.
    Documentation: Response, 200, showFaceLivenessRecommendation; Notes, Face Liveness.

    Scenario: A flow that recommends it
      Given there is a pending phone validation with face liveness recommended
      When the person types the right OTP
      Then the answer recommends face liveness

    Scenario: Any flow
      Given there is a pending phone validation
      And the face liveness recommendation of the validation is known
      When the person types the right OTP
      Then the answer recommends face liveness where the validation's flow does
