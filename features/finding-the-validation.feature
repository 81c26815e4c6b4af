Feature: Finding the validation
  The phone and its country code find the validation; a project and its flow can narrow the search.

  @PV-03 @must
  Rule: Without a validation nothing is found
    Where no validation was ever made for a phone, the answer is phone_validation_not_found. Documentation:
    Response, 404.

    Scenario: A phone without any validation
      Given there is no phone validation
      When the person types any OTP
      Then the answer is that no phone validation was found

  @PV-11 @should
  Rule: The project and its flow narrow the search
    A validation of another project, or of another flow, is not the one that is asked for: nothing is found.
    Documentation: Params, project and projectFlow ("helps narrow down the validation").

    Scenario Outline: Another <narrower> than the validation's
      Given there is a pending phone validation
      And the request names another <narrower>
      When the person types the right OTP
      Then nothing is found

      Examples:
        | narrower     |
        | project      |
        | project flow |

  @PV-21 @should
  Rule: The country code belongs to the number
    The same digits under the code of another country are another phone: nothing is found. Documentation: Params,
    countryCode ("the country code of the phone number").

    Scenario Outline: Another country code of <length> digits
      Given there is a pending phone validation
      And the country code is another one of <length> digits
      When the person types the right OTP
      Then nothing is found

      Examples:
        | length            |
        | as many           |
        | another number of |
