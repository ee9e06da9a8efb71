package schemas

import "strings"

// nearest returns the known trigger that a misspelled name probably means: equal but
// for case and separators, or at most three single-character changes away.
func nearest(name string) string {
	const longest, farthest = 64, 3
	if len(name) > longest {
		return ""
	}
	plain := strings.NewReplacer("-", "_", ".", "_", " ", "_", ":", "_").Replace(strings.ToLower(strings.TrimSpace(name)))
	best, distance := "", min(farthest, len(plain)/3)+1
	for _, e := range theContract().entries {
		if d := edits(plain, e.Name); d < distance {
			best, distance = e.Name, d
		}
	}
	return best
}

// edits returns the Levenshtein distance of two strings, in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
