package secret

// Find tells whether a text holds a value in any form, outside of every keep value. The same words hold for keep
// as for Redact: a keep value that equals the value itself keeps it, so that an answer that repeats the phone is
// not taken for one that echoes an OTP of the same digits. A value of less than four characters is never found.
func Find(text, value string, keep ...string) bool {
	value = searched(value)
	if value == "" {
		return false
	}
	h := &hunt{}
	h.forms.fill(value)
	return len(h.run(&h.forms, text, keep)) > 0
}

// Find tells whether a text holds a value of the set.
func (s *Set) Find(text string, keep ...string) bool {
	h := s.hunts.take()
	defer s.hunts.giveBack(h)
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return len(h.run(&s.index, text, keep)) > 0
}
