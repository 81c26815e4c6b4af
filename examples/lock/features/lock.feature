Feature: A locked validation
  After too many attempts a validation is locked: not even the right OTP validates it.

  @LOCK-01 @must
  Rule: A locked validation is refused
    The right OTP for a locked validation is answered phone_locked. Documentation: our gateway's page, Locks.

    Scenario: The right OTP, locked
      Given there is a locked phone validation
      When the person types the right OTP
      Then the answer is that the phone is locked
