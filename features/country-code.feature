Feature: The country code
  A country code is written as + and 1 to 3 digits, like +1 or +507.

  @PV-06 @must
  Rule: A badly written country code is refused
    Any other spelling is answered MissingParameter, with the message that says how a country code is written.
    Documentation: Params, countryCode; Response, 409 (Invalid Country Code Format).

    Scenario Outline: <what>: <country code>
      Given there is no phone validation
      And the country code is written "<country code>"
      When the person types any OTP
      Then the answer is that the country code is badly written

      Examples:
        | what                      | country code |
        | No plus                   | 507          |
        | A plus alone              | +            |
        | Four digits               | +5070        |
        | Many digits               | +50762647737 |
        | With an area code         | +1809        |
        | A zero before the digits  | +0507        |
        | Letters                   | +abc         |
        | A plus before letters     | +PA          |
        | Letters alone             | PA           |
        | Three letters alone       | PAN          |
        | Small letters alone       | pa           |
        | A letter after digits     | +50a         |
        | A letter before digits    | +a50         |
        | Two pluses                | ++507        |
        | Two pluses, two digits    | ++57         |
        | A trailing plus           | 507+         |
        | A plus before and after   | +507+        |
        | A plus behind two digits  | +57+         |
        | A plus between digits     | +5+7         |
        | Something before the plus | 1+507        |
        | Zeros instead of a plus   | 00507        |
        | A minus instead of a plus | -507         |
        | A minus after the plus    | +-50         |
        | A point between digits    | +5.7         |
        | A point behind            | +507.        |
        | A comma behind            | +507,        |
        | More behind a semicolon   | +507;1       |
        | A comma between digits    | +5,7         |
        | A hyphen between digits   | +1-7         |
        | A hyphen, an area code    | +1-809       |
        | A good one before another | +1,+507      |
        | A letter, not a plus      | p507         |
        | A slash between digits    | +1/7         |
        | Parentheses around        | (+507)       |
        | A link to call it         | tel:+507     |
        | An underscore             | +5_7         |
        | An exponent               | +5e1         |
        | A plus that is escaped    | %2B507       |
        | A line break behind       | +507\n       |
        | Two digits, a line break  | +57\n        |
        | A line break in front     | \n+57        |
        | A good one as first line  | +507\nx      |
        | A good one as last line   | x\n+507      |
        | A good one between lines  | x\n+507\ny   |

    Scenario: A badly written one, where the delivery method is named
      Given there is no phone validation
      And the request is laid out without spaces
      And the request gives "phoneGateway" as "whatsapp"
      When the country code is written "57"
      And the person types any OTP
      Then the answer is that the country code is badly written
      When the request gives "countryCode" as "+507\t"
      And the person types any OTP
      Then the answer is that the country code is badly written

    Scenario: A badly written one, where all is named that a request may name, at last with the OTP first
      Given there is no phone validation
      And the request is laid out over several lines
      And the request names the validation's own project
      And the request names the validation's own project flow
      And the request gives "phoneGateway" as "none"
      When the country code is written "1"
      And the person types any OTP
      Then the answer is that the country code is badly written
      When the request gives "phoneGateway" as "sms"
      And the phone is written with spaces everywhere
      And the country code is written "+5070"
      And the person types any OTP
      Then the answer is that the country code is badly written
      When the OTP is the first of the parameters
      And the request gives "countryCode" as "+507\r\n"
      And the person types any OTP
      Then the answer is that the country code is badly written
