package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// maxMilliseconds keeps a duration read from a file within what time.Duration holds.
const maxMilliseconds = float64(math.MaxInt64) / float64(time.Millisecond)

// rounded is d to the microsecond, which is what JSON keeps: a report reads the
// same before and after it was saved.
func rounded(d time.Duration) Duration { return Duration(d.Round(time.Microsecond)) }

// MarshalJSON writes milliseconds, to the microsecond.
func (d Duration) MarshalJSON() ([]byte, error) {
	us := time.Duration(d).Round(time.Microsecond).Microseconds()
	return json.Marshal(float64(us) / 1000)
}

// UnmarshalJSON reads milliseconds.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var ms float64
	if err := json.Unmarshal(b, &ms); err != nil {
		return fmt.Errorf("duration: want milliseconds as a number, got %.40q", b)
	}
	if ms < 0 || ms >= maxMilliseconds {
		return fmt.Errorf("duration: %g ms is out of range", ms)
	}
	*d = Duration(math.Round(ms*1000) * float64(time.Microsecond))
	return nil
}
