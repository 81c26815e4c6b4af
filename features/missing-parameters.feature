Feature: Missing parameters
  Phone, country code and OTP are required. The answer names those that are missing.

  @PV-04 @must
  Rule: An empty request lacks all three parameters
    A request without phone, country code and OTP is answered MissingParameter, and the message names the three.
    Documentation: Response, 409.

    Scenario: Nothing is given
      Given there is no phone validation
      And the request leaves out phone, countryCode and otp
      And the request is laid out without spaces
      When the person types any OTP
      Then the answer is that phone, countryCode and otp are missing
      When the request gives "phoneGateway" as "sms"
      And the request is laid out over several lines
      And the person types any OTP
      Then the answer is that phone, countryCode and otp are missing

  @PV-05 @should
  Rule: The answer names exactly what is missing
    A request without one or two of them is answered with a message that names exactly those, in the same order
    and with the same separators. Documentation: Params, Required; Response, 409.

    Scenario Outline: The request leaves out <missing>
      Given there is no phone validation
      And the request leaves out <missing>
      And the request is laid out without spaces
      When the person types any OTP
      Then the answer is that <missing> <are> missing
      When the request gives "phoneGateway" as "<gateway>"
      And the person types any OTP
      Then the answer is that <missing> <are> missing

      Examples: one
        | missing     | are | gateway  |
        | phone       | is  | sms      |
        | countryCode | is  | whatsapp |
        | otp         | is  | none     |

      Examples: two
        | missing               | are | gateway  |
        | phone and countryCode | are | none     |
        | phone and otp         | are | whatsapp |
        | countryCode and otp   | are | sms      |

    Scenario: Something is missing, where the request names the project and its flow
      Given there is no phone validation
      And the request is laid out over several lines
      And the request names the validation's own project
      And the request leaves out phone
      When the person types any OTP
      Then the answer is that phone is missing
      When the request leaves out otp
      And the phone is written with spaces everywhere
      And the request names the validation's own project flow
      And the person types any OTP
      Then the answer is that otp is missing
      When the request gives "phoneGateway" as "sms"
      And the request leaves out phone and countryCode
      And the person types any OTP
      Then the answer is that phone and countryCode are missing
