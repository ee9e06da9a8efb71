package traffic

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate is how many events arrive in a second.
type Rate float64

// Max is no rate: each connection sends its next event as soon as it has the
// answer to the last one.
const Max Rate = -1

// MaxRate bounds a rate.
const MaxRate Rate = 1_000_000

// ParseRate reads what String writes: a number of events a second, minute or hour,
// such as 2000/s, 90/m or 0.5/s, or max.
func ParseRate(text string) (Rate, error) {
	if text == "max" {
		return Max, nil
	}
	number, unit, ok := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(number, 64)
	seconds := map[string]float64{"s": 1, "m": 60, "h": 3600}[unit]
	if !ok || err != nil || seconds == 0 {
		return 0, fmt.Errorf("want a number of events a second, minute or hour, such as 2000/s, 90/m or 10/h, or max")
	}
	r := Rate(n / seconds)
	if !(r >= 1.0/86400 && r <= MaxRate) { // NaN is neither
		return 0, fmt.Errorf("want one event a day at least and %d/s at most", int(MaxRate))
	}
	return r, nil
}

func (r Rate) String() string {
	if r == Max {
		return "max"
	}
	for _, u := range []struct {
		seconds float64
		name    string
	}{{1, "s"}, {60, "m"}} {
		if n := float64(r) * u.seconds; n >= 1 || n == 0 {
			return number(n) + "/" + u.name
		}
	}
	return number(float64(r)*3600) + "/h"
}

// number writes n with four significant digits at most, or all of a whole number.
func number(n float64) string {
	if n == math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return strconv.FormatFloat(n, 'g', 4, 64)
}

// MarshalText and UnmarshalText make a rate a text in JSON.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is ParseRate.
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}
