// Package secret knows what must not be shown, and takes it out of texts. It is also how PV-24 and PV-14 look
// for a value, so that what is judged and what is hidden are the same.
package secret
