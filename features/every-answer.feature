Feature: Every answer
  What holds for every answer to a person who types an OTP. These promises have no scenarios of their own: they are
  judged on the answers in all other scenarios. A documented message is what it is whatever language the request asks
  for, as the documentation names no language: PV-02 to PV-07 expect it so.

  @PV-18 @should @every-exchange
  Rule: An error answer is a code and a message
    An answer that refuses (403, 404, 409, 412) has exactly a code and a message, both text. Documentation: Response.

  @PV-19 @must @every-exchange
  Rule: An answer is one JSON value
    The body of an answer is one JSON value in UTF-8, with nothing after it and no duplicate keys. Documentation:
    Response.

  @PV-20 @should @every-exchange
  Rule: Only the documented statuses occur
    Every answer has one of the statuses 200, 403, 404, 409 and 412. Documentation: Response.

  @PV-23 @should @every-exchange
  Rule: The media type of an answer is JSON
    Every answer says that it is JSON: application/json, or a type that ends in +json. Documentation: Response.

  @PV-24 @should @every-exchange
  Rule: No answer gives a secret away
    No answer echoes the OTP or a token, or shows an implementation's stack trace, neither in its body nor in its
    headers. Documentation: Response, whose answers hold none.
