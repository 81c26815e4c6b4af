//go:build !race

package explore

// thorough is how many seeds the long tests search with.
const thorough = 3
