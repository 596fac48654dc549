package city

import "testing"

// homesOf counts residents of one kind in dwellings of one address.
func homesOf(dwellings, registered, residents int, of resident, estate bool) figures {
	homes := households{random: stream(1, 0, drawHouseholds)}
	all := make([]resident, residents)
	for i := range all {
		all[i] = of
	}
	var f figures
	homes.count(&f, &address{dwellings: dwellings, registered: registered}, estate, 0.5, all)
	return f
}

func TestHouseholds(t *testing.T) {
	old := homesOf(100, 80, 120, resident{age: 9}, false)
	if old[ind] != 120 || old[ind80p]+old[indInc] != 120 || old[men] != 100 || old[menColl] != 100 || old[menMais] != 0 || old[menFMP] != 0 {
		t.Errorf("120 old people in 100 flats: %v", old)
	}
	if old[men1Ind] < 80 || old[men1Ind] > 95 {
		t.Errorf("%v of 100 households of 120 people are of one", old[men1Ind])
	}
	young := homesOf(2, 40, 40, resident{age: -9}, false)
	if grown := young[ind1824] + young[ind2539] + young[indInc]; grown < 40 || young[menMais] != 2 || young[men5Ind] != 2 {
		t.Errorf("40 registered voters in 2 houses, %v of them of voting age: %v", grown, young)
	}
	teens := homesOf(100, 0, 100, resident{age: -9}, false)
	if teens[ind1117] < 95 || teens[menFMP] != 0 {
		t.Errorf("100 who are 15 and not registered: %v", teens)
	}
	nobody := homesOf(10, 0, 0, resident{}, true)
	if nobody[ind] != 0 || nobody[men] != 10 || nobody[logSoc] != 10 || nobody[men1Ind] != 0 || nobody[menPauv] != 0 {
		t.Errorf("10 dwellings of an estate that nobody lives in: %v", nobody)
	}
	parents := homesOf(1000, 1000, 1000, resident{age: -0.7}, false)
	if parents[menFMP] < 250 || parents[menFMP] > 500 || parents[menFMP]+parents[men1Ind] != 1000 {
		t.Errorf("of 1000 who live without another adult %v have children and %v have not", parents[menFMP], parents[men1Ind])
	}
}

// Living standards are those that the median income of the class says, a little above on average, and winsorised.
func TestLivingStandards(t *testing.T) {
	for _, class := range []float64{-1, 0, 1.2} {
		f := homesOf(5000, 5000, 8000, resident{class: class}, false)
		if mean := f[indSNV] / f[ind]; mean < 1.01*incomeAt(class) || mean > 1.08*incomeAt(class) {
			t.Errorf("class %v: %.0f euros a year on average, the median is %.0f", class, mean, incomeAt(class))
		}
	}
	rich, poor := homesOf(50, 50, 80, resident{class: 12}, false), homesOf(50, 50, 80, resident{class: -12}, false)
	if rich[indSNV] != highestStandard*rich[ind] || rich[menPauv] != 0 || poor[indSNV] != lowestStandard*poor[ind] || poor[menPauv] != 50 {
		t.Errorf("not winsorised: %v, %v", rich, poor)
	}
}

func TestYears(t *testing.T) {
	last := 0.0
	for age := -6.0; age < 6; age += 0.01 {
		now := years(age)
		if now < 15 || now > 110 || now < last {
			t.Fatalf("%v years at %.2f, %v just before", now, age, last)
		}
		if pensioner := group(mood{age: age}, 0.5) == 6; pensioner && now < 63.9 || !pensioner && now > 64.1 {
			t.Errorf("%v years at %.2f, pensioner: %v", now, age, pensioner)
		}
		last = now
	}
}
