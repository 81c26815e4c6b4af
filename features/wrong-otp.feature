Feature: A wrong OTP
  A person mistypes the OTP. Nothing is validated, and the right one still works.

  @PV-02 @must
  Rule: A wrong OTP does not match
    An OTP that differs from the right one, even in one digit, is answered otp_does_not_match. Documentation:
    Response, 403.

    Scenario: One of the first three digits is wrong
      Given there is a pending phone validation
      When the person types an OTP of which only the first digit is wrong
      Then the answer is that the OTP does not match
      When the person types an OTP of which only the second digit is wrong
      Then the answer is that the OTP does not match
      When the person types an OTP of which only the third digit is wrong
      Then the answer is that the OTP does not match

    Scenario: One of the last three digits is wrong
      Given there is a pending phone validation
      When the person types an OTP of which only the last digit but two is wrong
      Then the answer is that the OTP does not match
      When the person types an OTP of which only the last digit but one is wrong
      Then the answer is that the OTP does not match
      When the person types an OTP of which only the last digit is wrong
      Then the answer is that the OTP does not match

    Scenario: A digit in the middle is wrong, or every digit
      Given there is a pending phone validation
      And the OTP is the first of the parameters
      When the person types an OTP of which only a middle digit is wrong
      Then the answer is that the OTP does not match
      When the person types an OTP of which only the other middle digit is wrong
      Then the answer is that the OTP does not match
      When the person types an OTP of which every digit is wrong
      Then the answer is that the OTP does not match

    Scenario: The OTP is a neighbour of the right one
      Given there is a pending phone validation
      And the request is laid out over several lines
      When the person types an OTP that is one more than the right one
      Then the answer is that the OTP does not match
      When the person types an OTP that is one less than the right one
      Then the answer is that the OTP does not match

    Scenario: The digits of the right OTP, in another order
      Given there is a pending phone validation
      And the OTP is the first of the parameters
      When the person types an OTP of the right one's digits in another order
      Then the answer is that the OTP does not match
      When the person types an OTP of the right one's digits backwards
      Then the answer is that the OTP does not match
      When the person types an OTP of the right one's digits with the first at the end
      Then the answer is that the OTP does not match

    @alone
    Scenario: The right OTP of another validation
      Given there is a pending phone validation
      And there is another pending phone validation
      When the person types the OTP of the other validation
      Then the answer is that the OTP does not match
      When it is the other person's turn
      And the person types the OTP of the other validation
      Then the answer is that the OTP does not match
      When the request comes with the token of the other app registration
      And the person types the OTP of the other validation
      And the request is as documented again
      And the person types the right OTP
      And it is the other person's turn
      And the person types the OTP of the other validation

    Scenario Outline: A phone of <country code>, and an OTP delivered by <gateway>
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      When the person types <wrong>
      Then the answer is that the OTP does not match
      When the request names the validation's own gateway
      And the person types an OTP of which only the <digit> digit is wrong
      Then the answer is that the OTP does not match
      When the person types the right OTP and a fraction

      Examples: one, two and three digits
        | country code | gateway  | wrong                                             | digit |
        | +1           | sms      | an OTP of the right one's digits in another order | first |
        | +57          | whatsapp | a wrong OTP                                       | last  |
        | +507         | none     | an OTP of the right one's digits backwards        | first |

    Scenario: A phone with spaces, the project flow and the project
      Given there is a pending phone validation
      And the phone is written with spaces everywhere
      And the request is laid out without spaces
      When the person types a wrong OTP
      Then the answer is that the OTP does not match
      When the request names the validation's own project flow
      And the person types an OTP of which only the first digit is wrong
      Then the answer is that the OTP does not match
      When the request names the validation's own project
      And the person types an OTP of which only the last digit is wrong
      Then the answer is that the OTP does not match

    Scenario: A flow that recommends face liveness
      Given there is a pending phone validation with face liveness recommended
      When the person types a wrong OTP
      Then the answer is that the OTP does not match
      When the request names the validation's own project
      And the person types an OTP of which only the first digit is wrong
      Then the answer is that the OTP does not match
      When the request names the validation's own project flow
      And the person types a wrong OTP
      Then the answer is that the OTP does not match

  @PV-17 @should
  Rule: A wrong OTP does not use up the validation
    The OTP stays valid until it expires: whoever mistypes it once or twice can still type the right one afterwards.
    Documentation: Notes, OTP Expiration.

    Scenario: A wrong OTP, then the right one
      Given there is a pending phone validation
      When the person types a wrong OTP
      And things have settled
      And the request leaves out otp
      And the person types the right OTP
      And the request is as documented again
      And the country code is its own without its plus
      And the person types the right OTP
      And the request is as documented again
      And the person types the right OTP and one digit more
      And the person types the right OTP
      Then the phone is validated

    Scenario: A wrong OTP and the right one within a list, then the right one, with all that a request may name
      Given there is a pending phone validation
      And the request names the validation's own project
      And the request names the validation's own project flow
      And the request names the validation's own gateway
      When the person types a wrong OTP
      And the person types the right OTP within a list
      And the phone is written with spaces everywhere
      And the person types the right OTP
      Then the phone is validated

    Scenario Outline: Wrong OTPs, then the right one, for a phone of <country code>, delivered by <gateway>, as the request says at last
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      When the person types an OTP of which only the last digit is wrong
      And the request gives "phoneGateway" as "<gateway>"
      And the person types a wrong OTP
      And the person types the right OTP
      Then the phone is validated

      Examples: one, two and three digits
        | country code | gateway  |
        | +1           | sms      |
        | +57          | whatsapp |
        | +507         | none     |

    Scenario Outline: First <wrong> and <another>, then the right one
      Given there is a pending phone validation
      And the request names the validation's own project flow, if it is known
      When the person types <wrong>
      And the phone is written with spaces everywhere
      And the person types <another>
      And the request is as documented again
      And the person types the right OTP
      Then the phone is validated

      Examples:
        | wrong                                      | another             |
        | an OTP that is one more than the right one | a wrong OTP         |
        | the right OTP without its last digit       | a wrong OTP as text |

    Scenario: A wrong OTP and a query, then the right one, where face liveness is recommended, with all that a request may name
      Given there is a pending phone validation with face liveness recommended
      And the phone is written with spaces everywhere
      And the request names the validation's own project
      And the request names the validation's own project flow
      And the request names the validation's own gateway
      When the person types a wrong OTP
      And the person types a query for any other value
      And the person types the right OTP
      Then the phone is validated

    Scenario: Wrong OTPs, one for another project, then the right one, where a webhook is told
      Given there is a pending phone validation with a webhook
      When the request names another project
      And the person types a wrong OTP
      And the request is as documented again
      And the person types a wrong OTP
      And the person types the right OTP
      Then the phone is validated

    Scenario: Requests that are refused for other reasons, then the right OTP
      Given there is a pending phone validation
      When the request leaves out otp
      And the person types a wrong OTP
      And the request is as documented again
      And the request leaves out phone and countryCode
      And the person types the right OTP
      And the request is as documented again
      And the country code is its own without its plus
      And the person types the right OTP
      And the request is as documented again
      And the request comes without a token
      And the person types a wrong OTP
      And the person types the right OTP
      And the request comes with an unknown token
      And the person types a wrong OTP
      And the request is as documented again
      And the person types the right OTP
      Then the phone is validated

    Scenario: Requests for another phone, none, another country code or project flow, then the right OTP
      Given there is a pending phone validation
      When the phone is another one
      And the person types a wrong OTP
      And the request is as documented again
      And the country code is another one of as many digits
      And the person types a wrong OTP
      And the request is as documented again
      And the country code is its own and three digits more
      And the person types the right OTP
      And the request is as documented again
      And the request leaves out phone
      And the person types the right OTP
      And the request is as documented again
      And the request names another project flow
      And the person types a wrong OTP
      And the request is as documented again
      And the person types the right OTP
      Then the phone is validated

  @PV-22 @should
  Rule: A wrong OTP neither validates nor links
    Only success changes the validation's status and links it to the app registration. Documentation: Notes,
    Status Updates and App Registration Linking.

    Scenario: Three wrong OTPs do not validate
      Given there is a pending phone validation
      And the OTP is the first of the parameters
      And the status of the validation can be read
      When the person types a wrong OTP
      And the person types an OTP of which only the last digit is wrong
      And the request names the validation's own project flow, if it is known
      And the person types an OTP of which only a middle digit is wrong
      Then the status of the validation is not validated

    Scenario: Three wrong OTPs do not link
      Given there is a pending phone validation
      And the link of the app registration can be read
      When the person types a wrong OTP
      And the person types an OTP of which only the last digit is wrong
      And the request names the validation's own project flow, if it is known
      And the person types an OTP of which only a middle digit is wrong
      Then the app registration is not linked to the validation

    Scenario Outline: Wrong OTPs for a phone of <country code>, delivered by <gateway>, neither validate nor link
      Given there is a pending phone validation for country code "<country code>" delivered by "<gateway>"
      And the status of the validation can be read
      And the link of the app registration can be read
      When the person types a wrong OTP
      And the request names the validation's own gateway
      And the person types a wrong OTP
      And the person types the right OTP within a list
      And the person types zero
      And the person types true
      And the person types an empty text
      And the person types a wrong OTP as text
      And the person types the right OTP without its last digit
      And the request leaves out otp
      And the person types the right OTP
      Then the status of the validation is not validated
      And the app registration is not linked to the validation

      Examples: one, two and three digits
        | country code | gateway  |
        | +1           | sms      |
        | +57          | whatsapp |
        | +507         | none     |

    Scenario: Wrong OTPs where face liveness is recommended, and all is named, neither validate nor link
      Given there is a pending phone validation with face liveness recommended
      And the status of the validation can be read
      And the link of the app registration can be read
      When the phone is written with spaces everywhere
      And the request names all that is known of the validation
      And the person types an OTP of which only the last digit is wrong
      And the request leaves out otp
      And the person types the right OTP
      And the request is as documented again
      And the country code is its own without its plus
      And the person types the right OTP
      And the request is as documented again
      And the request names all that is known of the validation
      And the person types an OTP of which only the first digit is wrong
      And the person types the right OTP within a list
      And the person types true
      And the person types zero
      And the person types the right OTP without its last digit
      Then the status of the validation is not validated
      And the app registration is not linked to the validation

    Scenario: Wrong OTPs where a webhook is told, and the right one where something is missing, neither validate nor link
      Given there is a pending phone validation with a webhook
      And the status of the validation can be read
      And the link of the app registration can be read
      When the person types a wrong OTP
      And the person types an OTP of which only the last digit is wrong
      And the person types the right OTP without its last digit
      And the person types true
      And the request leaves out phone
      And the person types the right OTP
      And the request leaves out countryCode
      And the person types the right OTP
      And the request leaves out phone, countryCode and otp
      And the person types the right OTP
      Then the status of the validation is not validated
      And the app registration is not linked to the validation

  @PV-25 @must
  Rule: Nothing but the right OTP validates the phone
    Anything else that is typed for a pending validation, however close to the right OTP and however often, is no more
    accepted than a wrong OTP. The documentation does not show which answer refuses something that is not an OTP at all.
    Documentation: the paragraph at its head; Params, otp.

    Scenario Outline: <what>, <or what> or <or>
      Given there is a pending phone validation
      And what can be read of the validation is looked at
      When the person types <what>
      Then the OTP is not accepted
      When the person types <or what>
      Then the OTP is not accepted
      When the person types <or>
      Then the OTP is not accepted
      When the request names all that is known of the validation
      And the phone is written with spaces everywhere
      And the person types <or>
      Then the OTP is not accepted
      When the person types <or what>
      Then the OTP is not accepted
      When the person types <what>
      Then the OTP is not accepted
      And nothing that can be read of it tells of a success

      Examples:
        | what                                 | or what                               | or                                   |
        | the right OTP without its last digit | the right OTP without its first digit | the right OTP and one digit more     |
        | the right OTP and a fraction         | the right OTP with a minus before it  | the right OTP with a one before it   |
        | the right OTP plus 2 to the 16th     | the right OTP plus 2 to the 32nd      | the right OTP with letters behind it |
        | a wrong OTP as text                  | a fraction less than the right OTP    | an empty text                        |
        | the right OTP plus 2 to the 64th     | the right OTP within an object        | the right OTP twice                  |
        | the right OTP and a thousandth       | the right OTP as one of several lines | zeros alone, as text                 |
        | the right OTP within a list          | a query for any other value           | zero                                 |
        | letters                              | an empty object                       | true                                 |

    Scenario Outline: <what>, <or what> or <or>
      Given there is a pending phone validation
      When the person types <what>
      Then the OTP is not accepted
      When the person types <or what>
      Then the OTP is not accepted
      When the person types <or>
      Then the OTP is not accepted

      Examples: no OTP at all
        | what                                 | or what                          | or                                    |
        | zero                                 | true                             | false                                 |
        | a query for any other value          | a query for any greater value    | null                                  |
        | the right OTP within a list          | an empty list                    | the word null as text                 |
        | a pattern that fits any text         | a wildcard that fits any text    | a placeholder for each digit          |
        | an empty object                      | a query whether there is a value | a query by a pattern                  |
        | the right OTP among others in a list | the right OTP as text in a list  | the right OTP in a list within a list |
        | one                                  | a number beyond all              | a text that ends a query              |
        | a query for any smaller value        | a query for any value but some   | a query for what another is not       |

      Examples: what is typed to try things out
        | what                          | or what                      | or                            |
        | ones alone                    | nines alone                  | digits that count down to one |
        | minus one                     | a blank text                 | the digits from one to four   |
        | the first digits of the phone | the last digits of the phone | the whole phone               |

    Scenario: A wrong OTP, where the request names what the documentation does not list, or another delivery
      Given there is a pending phone validation
      And what can be read of the validation is looked at
      When the request gives "status" as "validated"
      And the request gives "validated" as true
      And the person types a wrong OTP
      Then the OTP is not accepted
      When the request is as documented again
      And the request gives "phoneGateway" as "pigeon"
      And the person types a wrong OTP
      Then the OTP is not accepted
      When the request gives "phoneGateway" as ""
      And the person types a wrong OTP
      Then the OTP is not accepted
      When the request is as documented again
      And the request gives "project" as null
      And the person types a wrong OTP
      Then the OTP is not accepted
      When the request is as documented again
      And the request gives "phoneGateway" as "none"
      And the person types a wrong OTP
      Then the OTP is not accepted
      When the request gives "phoneGateway" as "sms"
      And the person types a wrong OTP
      Then the OTP is not accepted
      And nothing that can be read of it tells of a success

    Scenario: The OTP of the documentation's example, and the right one under a badly written country code
      Given there is a pending phone validation
      When the person types the OTP of the documentation's example
      Then the OTP is not accepted
      When the country code is its own and a line break
      And the person types the right OTP
      And the country code is written "PA"
      And the person types the right OTP

    Scenario: A wrong OTP after several others
      Given there is a pending phone validation
      And what can be read of the validation is looked at
      When the person types wrong OTPs until one is accepted, 10 at most
      Then the OTP is not accepted
      And nothing that can be read of it tells of a success

    Scenario: A wrong OTP after the right one
      Given there is a pending phone validation
      When the person types the right OTP
      And the person types an OTP of which only the last digit is wrong
      Then the OTP is not accepted
      When the request names all that is known of the validation
      And the person types an OTP of which every digit is wrong
      Then the OTP is not accepted
      When the person types a wrong OTP as text
      Then the OTP is not accepted
