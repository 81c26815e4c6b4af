Feature: Where the documentation is silent
  Nothing is promised here, so nothing can be broken. What the provider answers is recorded, so that the next run
  can show that it changed.

  @PV-30 @observe
  Rule: The same OTP a second time
    The documentation does not say how an OTP is answered that has already validated its phone.

    Scenario: The right OTP, twice
      Given there is a pending phone validation
      When the person types the right OTP
      And the person types the right OTP
      Then the answer is recorded

  @PV-31 @observe
  Rule: An OTP that is not a plain number
    The documentation says that the OTP is a number, not how anything else is answered.

    Scenario: The right OTP as text
      Given there is a pending phone validation
      When the person types the right OTP in quotation marks
      Then the answer is recorded

    Scenario Outline: An OTP <what>
      Given there is no phone validation
      And the request gives "otp" as <json>
      When the person types any OTP
      Then the answer is recorded

      Examples:
        | what                | json    |
        | that is zero        | 0       |
        | with a leading zero | 024681  |
        | that is negative    | -246813 |
        | that is fractional  | 24681.3 |
        | that is huge        | 1e400   |

  @PV-32 @observe
  Rule: A required parameter of the wrong kind
    The documentation says how a missing parameter is answered, not an empty one or one of another type.

    Scenario Outline: <parameter> as <json>
      Given there is no phone validation
      And the request gives "<parameter>" as <json>
      When the person types any OTP
      Then the answer is recorded

      Examples: null
        | parameter   | json |
        | phone       | null |
        | countryCode | null |
        | otp         | null |

      Examples: empty text
        | parameter   | json |
        | phone       | ""   |
        | countryCode | ""   |
        | otp         | ""   |

      Examples: another type
        | parameter   | json     |
        | phone       | 62647737 |
        | countryCode | 507      |
        | otp         | true     |

  @PV-33 @observe
  Rule: Something that is not a request
    The documentation does not say how anything is answered that is not an object of parameters.

    Scenario Outline: <body>
      Given there is no phone validation
      When <body> is sent instead of a request
      Then the answer is recorded

      Examples:
        | body                      |
        | text that is not JSON     |
        | nothing                   |
        | a list                    |
        | a deeply nested object    |
        | an object of one mebibyte |

  @PV-34 @observe
  Rule: Another content type, or none
    The documentation names application/json and does not say how anything else is answered.

    Scenario: Plain text
      Given there is no phone validation
      And the request declares the content type "text/plain"
      When the person types any OTP
      Then the answer is recorded

    Scenario: No content type
      Given there is no phone validation
      And the request declares no content type
      When the person types any OTP
      Then the answer is recorded

  @PV-35 @observe
  Rule: An OTP that is wrong and expired
    The documentation does not say which of the two answers wins.

    Scenario: A wrong OTP, too late
      Given there is an expired phone validation
      When the person types a wrong OTP
      Then the answer is recorded

  @PV-36 @observe
  Rule: Values that the documentation does not list
    The documentation does not say how these are answered: an unknown parameter, a delivery method that it does not list or
    that was not used, a country code with a space or with digits of another script.

    Scenario: An unknown parameter
      Given there is a pending phone validation
      And the request gives "colour" as "green"
      When the person types the right OTP
      Then the answer is recorded

    Scenario: A delivery method that does not exist
      Given there is a pending phone validation
      And the request gives "phoneGateway" as "pigeon"
      When the person types the right OTP
      Then the answer is recorded

    Scenario: A delivery method that is not the delivery's
      Given there is a pending phone validation
      And the request names another gateway
      When the person types the right OTP
      Then the answer is recorded

    Scenario Outline: A country code with <what>
      Given there is no phone validation
      And the country code is written "<country code>"
      When the person types any OTP
      Then the answer is recorded

      Examples:
        | what                         | country code |
        | a space inside               | +5 07        |
        | the digits of another script | +٥٠٧         |

  @PV-37 @observe @intrusive
  Rule: The right OTP many times at once
    The documentation does not say how many of them are accepted. More than one is worth a warning.

    Scenario: Twenty times at once
      Given there is a pending phone validation
      When the person types the right OTP 20 times at once

  @PV-38 @observe @intrusive
  Rule: Many wrong OTPs
    The documentation does not say whether attempts are limited, and what is answered beyond the limit.

    Scenario: Ten wrong OTPs
      Given there is a pending phone validation
      When the person types wrong OTPs, 10 at most

  @PV-39 @observe
  Rule: A phone in another spelling
    The documentation says that spaces are removed, and nothing of other characters that people write into a phone.

    Scenario Outline: A phone with <what>
      Given there is a pending phone validation
      And the phone is written with <what>
      When the person types the right OTP
      Then the answer is recorded

      Examples:
        | what                    |
        | dashes                  |
        | dots                    |
        | parentheses             |
        | a leading zero          |
        | a tab inside            |
        | a no-break space inside |
