//go:build !race

package explore

// thorough is how many seeds the long tests use.
const thorough = 2
