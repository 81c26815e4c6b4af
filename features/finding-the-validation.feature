Feature: Finding the validation
  The phone and its country code find the validation; a project and its flow can narrow the search.

  @PV-03 @must
  Rule: Without a validation nothing is found
    If no validation was ever made for a phone, the answer is phone_validation_not_found. Documentation:
    Response, 404.

    Scenario: A phone without any validation
      Given there is no phone validation
      And the request is laid out over several lines
      When the person types any OTP
      Then the answer is that no phone validation was found
      When the phone is written with spaces everywhere
      And the person types any OTP
      Then the answer is that no phone validation was found
      When the request gives "phoneGateway" as "sms"
      And the person types any OTP
      Then the answer is that no phone validation was found

    Scenario Outline: A phone of <country code> without any validation, also where <gateway> is named
      Given there is no phone validation for country code "<country code>"
      And the request is laid out without spaces
      When the person types any OTP
      Then the answer is that no phone validation was found
      When the request gives "phoneGateway" as "<gateway>"
      And the person types any OTP
      Then the answer is that no phone validation was found

      Examples: one, two and three digits
        | country code | gateway  |
        | +1           | sms      |
        | +57          | whatsapp |
        | +507         | none     |

  @PV-11 @should
  Rule: The project and its flow narrow the search
    A validation of another project, or of another flow, is not the one that the request asks for: nothing is found.
    Documentation: Params, project and projectFlow ("helps narrow down the validation").

    Scenario Outline: Another <narrower> than the validation's
      Given there is a pending phone validation
      And the OTP is the first of the parameters
      And what can be read of the validation is looked at
      And the request names another <narrower>
      When the person types the right OTP
      Then nothing is found
      And nothing that can be read of it tells of a success

      Examples:
        | narrower     |
        | project      |
        | project flow |

    Scenario: Another project or flow than the validation's does not validate
      Given there is a pending phone validation
      And the status of the validation can be read
      And the request names another project
      When the person types the right OTP
      And the request is as documented again
      And the request names another project flow
      And the person types the right OTP
      Then the status of the validation is not validated

    Scenario Outline: The validation's own <own> and another <narrower>
      Given there is a pending phone validation
      And the request names the validation's own <own>
      And the request names another <narrower>
      When the person types the right OTP
      Then nothing is found
      When the OTP is the last of the parameters
      And the request names another <narrower> that begins alike
      And the person types the right OTP
      Then nothing is found
      When the request names another <narrower> that ends alike
      And the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the request names another <narrower> that begins with its own
      And the person types the right OTP
      Then the request is refused
      When the request names all that is known of the validation
      And the request names another <narrower> that begins with its own
      And the person types the right OTP
      Then the request is refused

      Examples:
        | own          | narrower     |
        | project flow | project      |
        | project      | project flow |

    Scenario Outline: The <narrower> of another app registration
      Given there is another app registration
      And there is a pending phone validation
      And the request names the other app registration's <narrower>
      When the person types the right OTP
      Then nothing is found
      When the request names the validation's own <own>
      And the person types the right OTP
      Then nothing is found

      Examples:
        | own          | narrower     |
        | project flow | project      |
        | project      | project flow |

    Scenario: The project and the flow of another app registration
      Given there is another app registration
      And there is a pending phone validation
      And the request names the other app registration's project
      And the request names the other app registration's project flow
      When the person types the right OTP
      Then nothing is found

    Scenario Outline: The <narrower> of a validation with face liveness recommended
      Given there is another pending phone validation with face liveness recommended
      And there is a pending phone validation
      And the request names the other app registration's <narrower>
      When the person types the right OTP
      Then nothing is found
      When the request names the validation's own <own>
      And the person types the right OTP
      Then nothing is found
      When it is the other person's turn
      And the request names the other app registration's <narrower>
      And the person types the right OTP
      Then nothing is found

      Examples:
        | own          | narrower     |
        | project flow | project      |
        | project      | project flow |

    Scenario Outline: Another project or flow for a phone of <country code>, delivered by <gateway>, which is named
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      And what can be read of the validation is looked at
      And the request names the validation's own gateway
      When the request names another project
      And the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the request names the validation's own gateway
      And the request names another project flow
      And the person types the right OTP
      Then nothing is found
      And nothing that can be read of it tells of a success

      Examples: one, two and three digits
        | country code | gateway  |
        | +1           | sms      |
        | +57          | whatsapp |
        | +507         | none     |

    Scenario: Another project or flow, where the phone has spaces, and after a wrong OTP
      Given there is a pending phone validation
      And the phone is written with spaces everywhere
      And the request names another project
      When the person types the right OTP
      Then the request is refused
      When the request is as documented again
      And the phone is written with spaces everywhere
      And the request names another project flow
      And the person types the right OTP
      Then the request is refused
      When the request is as documented again
      And the person types a wrong OTP
      And the request names another project flow
      And the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the request names another project
      And the person types the right OTP
      Then nothing is found

  @PV-21 @should
  Rule: The country code belongs to the number
    The same digits with another country code are another phone: nothing is found. Documentation: Params,
    countryCode ("the country code of the phone number").

    Scenario: Another country code
      Given there is a pending phone validation
      And the country code is another one of as many digits
      When the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the person types a wrong OTP
      And the country code is another one of another number of digits
      And the person types the right OTP
      Then nothing is found

    Scenario Outline: Another country code or phone than those of a phone of <country code>, with an OTP delivered by <gateway>
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      And the country code is another one of as many digits
      And the request gives "phoneGateway" as "<gateway>"
      When the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the request gives "phoneGateway" as "<gateway>"
      And the phone is another one
      And the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the country code is another one of another number of digits
      And the person types the right OTP
      Then nothing is found

      Examples: one, two and three digits
        | country code | gateway  |
        | +1           | sms      |
        | +57          | whatsapp |
        | +507         | none     |

    Scenario: Another phone under the same country code, after the right one
      Given there is a pending phone validation
      When the person types a wrong OTP
      And the phone is another one that begins and ends alike
      And the person types the right OTP
      Then nothing is found
      When the phone is another one that ends alike
      And the person types the right OTP
      Then nothing is found
      When the phone is another one that begins alike
      And the person types the right OTP
      Then the request is refused
      When the request is as documented again
      And the person types the right OTP
      And the phone is another one
      And the person types the right OTP
      Then the request is refused
      When the request is as documented again
      And the country code is another one of as many digits
      And the person types the right OTP
      Then the request is refused

    Scenario: Another phone or country code, with all that a request may name
      Given there is a pending phone validation
      And what can be read of the validation is looked at
      When the request names the validation's own gateway
      And the country code is another one of as many digits
      And the person types the right OTP
      Then nothing is found
      When the request names all that is known of the validation
      And the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the request names the validation's own project flow
      And the phone is written with spaces everywhere
      And the country code is another one of as many digits
      And the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the request names all that is known of the validation
      And the phone is another one
      And the person types the right OTP
      Then the request is refused
      And nothing that can be read of it tells of a success

    Scenario: Another phone or country code, where face liveness is recommended
      Given there is a pending phone validation with face liveness recommended
      And what can be read of the validation is looked at
      When the country code is another one of as many digits
      And the person types the right OTP
      Then nothing is found
      When the request is as documented again
      And the phone is another one
      And the person types the right OTP
      Then nothing is found
      When the person types a wrong OTP
      Then nothing is found
      And nothing that can be read of it tells of a success

    Scenario: Another phone or country code, or no country code, does not validate
      Given there is a pending phone validation
      And the status of the validation can be read
      When the phone is another one
      And the person types the right OTP
      And the request is as documented again
      And the country code is another one of as many digits
      And the person types the right OTP
      And the request leaves out countryCode
      And the person types the right OTP
      And the request is as documented again
      And the country code is its own without its plus
      And the person types the right OTP
      Then the status of the validation is not validated

    Scenario: A part of the phone, or more than the phone
      Given there is a pending phone validation
      When the phone is its own without the first digit
      And the person types the right OTP
      Then the request is refused
      When the phone is its own without the last digit
      And the person types the right OTP
      Then the request is refused
      When the phone is its own with a digit before it
      And the person types the right OTP
      Then the request is refused
      When the phone is its own and a digit more
      And the person types the right OTP
      Then the request is refused

    Scenario: A phone that fits more than one
      Given there is a pending phone validation
      When the phone is its own with a percent sign for its last digit
      And the person types the right OTP
      Then the request is refused
      When the phone is its own with an underscore for its last digit
      And the person types the right OTP
      Then the request is refused
      When the phone is its own with a point for its last digit
      And the person types the right OTP
      Then the request is refused

    Scenario: A part of the country code, or more than the country code
      Given there is a pending phone validation for country code "+57"
      And what can be read of the validation is looked at
      When the country code is its own without the first digit
      And the person types the right OTP
      Then the request is refused
      When the country code is its own without the last digit
      And the person types the right OTP
      Then the request is refused
      When the country code is its own and a digit more
      And the person types the right OTP
      Then the request is refused
      When the country code is its own with another first digit
      And the person types the right OTP
      Then the request is refused
      And nothing that can be read of it tells of a success

    Scenario Outline: A digit moves from the <one> to the <other>
      Given there is a pending phone validation for country code "<country code>"
      When the person types a wrong OTP
      And a digit moves from the <one> to the <other>
      And the person types the right OTP
      Then the request is refused

      Examples:
        | one                | other              | country code |
        | phone's front      | country code's end | +57          |
        | country code's end | phone's front      | +507         |
