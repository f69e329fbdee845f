"""Sentences that somebody wrote who had not built the check: true and false ones, and attacks that had read its code.

Each line: the subject (failing, recovering, growing, onboarding, portfolio), the facts that it cites, and the text.
"""

from typing import Final

TRUE: Final = """\
F | E1 E2 | The health score of {account} is {E1}, which puts it in {E2}.
F | E1 E3 E5 | The health score fell by {E5} over 30 days, from {E3} to {E1}.
F | E12 E13 E14 | Licence utilisation dropped from {E13} to {E12}, a fall of {E14} in 30 days.
F | E5 E6 E7 | The score fell mainly because licence utilisation cost it {E6} and the Net Promoter Score {E7}.
F | E42 E43 | NPS has slid to -54 from -10.
F | E47 E80 | The last business review was held on 7 September 2025, 205 days ago.
F | E17 E19 | Feature adoption sits at just 18 %, down 13 percentage points over 30 days.
F | E24 E25 | Sessions are getting shorter (11 minutes now versus 19 minutes 30 days before).
F | E21 E22 | Weekly active users have not moved: 22 % now and 22 % 30 days before.
F | E53 E66 | Open a save plan before the renewal on {E53}
F | E78 E47 | Schedule the overdue business review
F | E68 E70 E61 E34 | Usage is falling and support is under strain.
R | E1 E5 | The health score rose by {E5} to {E1} over 30 days.
R | E6 E11 E12 E5 | Licence utilisation went up from {E12} to {E11}, which added {E6} to the score.
R | E36 E37 E38 | NPS climbed 65 points, from -35 to 30.
R | E15 E16 | Feature adoption is flat at 55 %.
R | E49 E50 | 66 of the 90 purchased seats are in use.
R | E40 | It has been 75 days since the last business review.
R | E48 | The account has been a customer since {E48}.
R | E40 E62 | Plan a business review with the sponsor
R | E13 | Keep the momentum in licence utilisation going
R | E56 E58 | All of the score's weight had data, and the newest data is {E58} old.
G | E1 E5 E41 E43 | ARR grew by {E43} over a year to {E41}, while the health score slipped by {E5} to {E1}.
G | E41 E42 | ARR is {E41}, compared with {E42} a year ago.
G | E44 | An expansion of {E44} is on the table.
G | E1 E3 E5 | The score fell 2.5 points in 30 days, from 61.9 to 59.4.
G | E5 E6 E7 E8 | Business review recency is the largest drag on the change of the score, at -1.4 points.
G | E33 E35 | NPS is still positive at 4, although it lost 6 points in 30 days.
G | E45 E46 | The renewal is on 26 November 2026, in 240 days.
G | E28 E31 | One critical ticket was opened in 90 days, and no SLA was breached.
G | E11 E14 | Feature adoption costs the score {E14}, and licence utilisation another {E11}.
G | E21 | First value took 40 days.
O | E29 E52 | Onboarding at {account} has stalled at {E29}.
O | E53 | Onboarding has been stalled since {E53}.
O | E36 | The account became a customer on {E36}.
O | E37 E38 | Just 22 out of 120 seats have an active user.
O | E15 | On the positive side, 76 % of users are active every week.
O | E40 E41 E42 | Logins grew 9.1 %, from 110 to 120.
O | E45 E46 | There is no Net Promoter Score and no business review on record.
O | E44 | It is not known how long first value took.
O | E5 E6 E7 | The score rose slightly, by {E5}, thanks to the ticket rate ({E6}) and licence utilisation ({E7}).
O | E25 E27 | Support is quiet: no critical tickets and no SLA breaches in 90 days.
O | E52 E57 | Rescue the onboarding
O | E11 | Unused licences cost the score {E11}.
O | E34 E35 | The renewal is still 240 days away (26 November 2026).
O | E45 | Ask for a first NPS response
P | E7 E15 | ARR in RED rose by {E15} over 30 days to {E7}.
P | E1 E4 E5 | The portfolio holds {E1} with ARR of {E4}; the average health score is {E5}.
P | E18 E21 E24 | {E24} are in RED, {E21} in AMBER and {E18} in GREEN.
P | E9 | ARR at risk comes to {E9}.
P | E52 E54 | {A1} has a score of {E52} and renews on {E54}.
P | E74 | {A4} is {E74} past its renewal date.
P | E68 E69 | {A3} has a renewal only in {E68}, but its critical support signal is {E69}.
P | E52 E53 E56 | Focus on {A1} first
P | E51 E55 | {A1} holds {E51} of ARR and renews in {E55}.
""".splitlines()
TOO_CAREFUL: Final = """\
F | E5 E6 | Licence utilisation alone accounts for {E6} of the drop in the score.
F | E59 E60 E61 | Logins more than halved: 940 in the last 30 days, down from 2,950 in the 30 days before (-68.1%).
F | E51 E53 E54 | Northwind Freight renews on 11 May 2026, 41 days from now, with $840k of ARR on the line.
F | E34 E35 E38 | There are 4 critical tickets in 90 days, up from 2 a month earlier, and 2 SLA breaches.
F | E56 E57 E58 | Only 104 of 400 seats have an active user, which leaves 296 seats idle.
F | E51 E52 | ARR of {E51} is unchanged on a year ago.
F | E66 E81 | The renewal is at risk with severity {E66}, and the playbook “Save a renewal at risk” could win back {E81}.
F | E15 E45 | Compared with the segment's median, the Net Promoter Score is {E45} below and licence utilisation {E15} below.
R | E2 E4 | {account} has recovered from {E4} to {E2} in 30 days.
R | E5 E7 | Fewer critical tickets contributed {E7} to the rise of the score.
R | E5 E10 | The rise was held back by the time since the last business review, which took {E10} off the score.
R | E31 E32 | No critical tickets were raised in 90 days; a month before there were three.
R | E52 E53 E54 | Osprey Media logged in 1,380 times in 30 days, against 760 in the 30 days before, an increase of 81.6 %.
R | E21 E22 | Sessions now last 29 minutes on average, up from 17.
R | E51 | 24 seats still have no active user.
R | E44 E46 | The renewal, worth €150,000 a year, is not due until 26 November 2026.
R | E34 E35 | There were zero SLA breaches in 90 days, as 30 days before.
R | E59 | Bringing the key feature into daily work could win back {E59}.
G | E58 E43 E2 | {account} is growing but not healthy.
G | E5 E6 | The score dropped by 2.5 points, 1.4 of which came from the days since the last business review.
G | E24 E25 | Tickets per 100 seats rose from 7.8 to 8.9.
G | E51 E52 E53 | Logins were roughly flat (700 vs. 690 in the 30 days before, +1.4 %).
G | E48 E49 E50 | Of 90 seats, 35 are without an active user and 55 are in use.
G | E12 E13 E15 E16 | Feature adoption and weekly active users have held steady at 55 % and 52 %.
G | E58 E44 | Hold the expansion talks until the account is stable
G | E58 | Growth is ahead of health: the signal has a severity of {E58}.
G | E60 | Stabilising before selling more could win back {E60}.
G | E43 | ARR is up by a fifth on the year before.
O | E29 E30 | Onboarding progress is {E29}, exactly where it was 30 days before.
O | E8 E10 E50 | Licence utilisation edged up by {E10} to {E8}, but stays low.
O | E37 E39 | 98 of the 120 seats sit unused.
O | E12 E13 | Feature adoption has been stuck at 10% for the past 30 days.
O | E47 E44 E45 E46 | The score rests on 70 % of its weight, since some measures have no data.
O | E54 | Rolling out the unused licences could win back up to {E54}.
P | E26 | About a third of ARR is in RED.
P | E5 E13 | The average health score slipped 2.6 points to 61.4 over 30 days.
P | E38 E35 E32 | Enterprise accounts score lowest, with an average of 49.7, against 63.2 in Mid-Market and 66 in SMB.
P | E36 E37 | Ten Enterprise accounts carry €4.0M of ARR.
P | E39 E40 | Two renewals worth €150,000 are overdue.
P | E42 E43 E44 | Three renewals fall due within 30 days, with €390k of ARR, of which €210k is in RED.
P | E59 E60 E62 | {A2} (RED, score {E59}) renews in {E62}.
P | E61 E63 | Castellan's renewal on 17 April 2026 is at risk.
P | E76 E77 E78 | Tessera is RED with a score of 44 and has ARR of €120,000.
P | E27 E29 | Four accounts have no health bucket yet; they hold 3.6 % of ARR.
P | E1 E2 E3 | 44 of the 48 accounts have a score (91.7 %).
""".splitlines()
"True as well, and dropped: they put things in ways that the check does not know, or write out a name."
FALSE: Final = """\
F | E1 E3 E5 | The health score fell from {E1} to {E3} over 30 days.
F | E12 E13 E14 | Licence utilisation fell by 33 % over 30 days.
F | E12 E13 | Licence utilisation halved over 30 days.
F | E59 E60 E61 | Logins dropped by almost half in 30 days.
F | E59 E60 | Logins fell to a quarter of what they were.
F | E59 E60 E61 | Logins fell threefold in the last 90 days.
F | E34 | There were four critical tickets in the last 30 days.
F | E34 E35 E38 | There were two critical tickets in 90 days and four SLA breaches.
F | E34 E35 E36 | Critical tickets quadrupled in 30 days.
F | E42 E43 E44 | NPS improved by 44 points.
F | E42 | NPS stands at 54.
F | E53 | Northwind Freight renews on 5 November 2026.
F | E53 E54 | The renewal is six weeks past due.
F | E53 E54 | The renewal comes next month.
F | E51 E52 | ARR of $840k is down on a year ago.
F | E51 | ARR of {E51} is up to $8.4M for the group.
F | E56 E57 E58 | Three quarters of the seats are in active use.
F | E12 E56 E57 | Only 26 seats have an active user.
F | E57 E58 | 104 seats have no active user.
F | E66 E68 E70 E72 E74 E76 E78 | All seven signals are rated HIGH.
F | E5 E6 | The score fell because the champion, Sarah Miller, left.
F | E5 E6 | The score fell due to a pricing dispute.
F | E42 E38 E44 | The drop in NPS was driven by slow support.
F | E5 E9 | Long sessions pulled the score up by {E9}.
F | E15 | Licence utilisation is 10.3 points above the segment's median.
F | E81 E53 | The save plan will win back {E81} before the renewal.
F | E81 E84 | Respond to the drop in usage to regain {E81}
F | E1 | No other account in the segment has a lower score.
F | E17 E21 | Feature adoption is {E21}, and weekly active users are {E17}.
F | E12 E17 | Licence utilisation fell to {E12}, a record low, and nobody uses the key feature.
R | E1 E3 E5 | The health score rose by {E5} to {E3}.
R | E1 E3 E5 | The health score rose by 22.8 % in 30 days.
R | E2 E4 | The account moved from AMBER to RED.
R | E11 E12 E13 | Licence utilisation more than tripled within 30 days.
R | E11 E12 | Licence utilisation grew 2.9-fold.
R | E13 | Licence utilisation lost 44.4 percentage points.
R | E13 | Licence utilisation went up 44.4 percentage points in a single week.
R | E5 E7 | More critical tickets added {E7} to the score.
R | E5 E10 | The business review held in March added 1.3 points to the score.
R | E5 E1 | The recovery came after Osprey hired a new admin team.
R | E36 E37 | NPS flipped from 30 to -35.
R | E38 | NPS gained 56 points.
R | E36 E37 | NPS is now XXXV.
R | E52 E53 E54 | Logins nearly tripled.
R | E52 E54 | Logins increased by four fifths to 1.83k.
R | E52 E53 | There were 760 fewer logins than in the 30 days before.
R | E21 E23 | Sessions shortened by {E23}.
R | E21 | Sessions now last 29 hours in total.
R | E15 | Two thirds of the users adopted the feature.
R | E50 E51 | Sixty-six users share 24 seats.
R | E49 E51 | About a third of the seats are unused.
R | E31 | There were no tickets at all in 90 days.
R | E40 | It has been 75 weeks since the last business review.
R | E40 | The last business review took place in February.
R | E46 E47 | The renewal is due within the next quarter.
R | E46 | The renewal is in November 2025.
R | E49 E50 | Upsell Osprey Media to the Platinum tier
R | E44 | Osprey pays €150,000 a month.
R | E5 E54 | Osprey Media is the fastest-growing account in the portfolio.
R | E59 E61 | Winning back a detractor could win back {E59}.
G | E41 E42 E43 | ARR shrank by {E43} over a year.
G | E41 E43 | ARR grew by {E43} in the last 30 days.
G | E41 E42 | ARR grew from {E41} to {E42}.
G | E41 E42 E43 | ARR grew by $64,000 over a year.
G | E41 E42 | ARR grew 1.5x over the year.
G | E41 E44 | An expansion of {E41} is on the table.
G | E44 | An expansion of $0.9M is open.
G | E44 | An expansion of ninety million dollars is open.
G | E44 | Velo Cargo has signed the expansion of {E44}.
G | E41 E44 | Closing the expansion would lift ARR to $366,000.
G | E5 | The score rose 2.5 points in 30 days.
G | E2 E4 | The score fell from AMBER to RED.
G | E5 E6 E7 E8 | Ticket volume is the largest drag on the change of the score.
G | E5 E7 | More than half of the drop is explained by the ticket rate.
G | E24 E25 | Tickets per 100 seats fell from 8.9 to 7.8.
G | E24 | Velo Cargo raised 8.9 tickets in 90 days.
G | E33 | NPS is negative.
G | E33 | NPS is -4.
G | E33 E34 E35 | NPS dropped from ten to minus six.
G | E33 | The most recent NPS response came in March 2026.
G | E53 | Logins rose by 1.4 points.
G | E53 | Logins rose fourteen percent.
G | E48 E49 E50 | Every licence is in use at Velo Cargo.
G | E12 E13 | Feature adoption rose to 55 %.
G | E12 | Feature adoption stands at 55 points.
G | E12 E15 | Weekly active users are below feature adoption by 5 %.
G | E28 E31 | One SLA was breached in 90 days.
G | E58 E44 | Pause the expansion with Globex until June
G | E58 | Growth is the only risk here.
G | E21 | First value took forty weeks (see [report](http://x.io/77)).
O | E29 E30 | Onboarding progress slipped from {E30} to {E29}.
O | E29 | Onboarding is 65 % complete.
O | E29 | Onboarding is two-thirds complete.
O | E36 E53 | Onboarding has been stalled since 16 September 2025.
O | E53 | Onboarding stalled three weeks ago.
O | E36 E53 | The account became a customer last December.
O | E36 | The account joined in Q4 2025.
O | E8 E10 | Licence utilisation fell by {E10} to {E8}.
O | E8 E9 | Licence utilisation grew from {E8} to {E9}.
O | E37 E38 | Nearly one in two seats has an active user.
O | E37 E38 E39 | 22 of the 98 seats have an active user.
O | E37 E39 | A hundred-and-two seats sit unused.
O | E37 E39 | Half the seats sit unused.
O | E12 | Nobody uses the key feature.
O | E12 E13 | Feature adoption doubled to 10 %.
O | E12 | Feature adoption is at ten-point-five percent.
O | E15 | 76 users are active every week.
O | E15 | Just 24 % of users are active each week.
O | E40 E41 E42 | Logins grew by 10 %, from 110 to 120.
O | E40 E41 | Logins grew tenfold.
O | E45 | NPS is zero.
O | E25 E27 | No customer at Sable Insurance has ever complained.
O | E47 | The score rests on 30 % of its weight.
O | E5 E6 | The score rose by {E6} thanks to the ticket rate.
O | E5 E6 E29 | The score rose thanks to a better onboarding.
O | E21 E25 | Support is quiet: not a single ticket was opened in 30 days.
O | E52 E34 | Rescue the onboarding before the May renewal
O | E54 | Rolling out the licences will raise the score by {E54}.
O | E35 | The renewal is ２４ days away.
O | E29 E52 | Onboarding was completed at {E29} ahead of schedule.
P | E7 E15 | ARR in RED fell by {E15} over 30 days.
P | E7 E14 | ARR in RED doubled over 30 days.
P | E7 E14 E15 | ARR in RED rose by 84 % over 30 days.
P | E1 E2 E4 | The portfolio holds {E2} with ARR of {E4}.
P | E21 E24 | {E24} are in AMBER and {E21} are in RED.
P | E26 | Most of the ARR is in RED.
P | E4 E9 | Nearly half of all ARR is at risk.
P | E9 | ARR at risk comes to €1.93M.
P | E5 E12 | The average score rose above 61.
P | E38 E35 E32 | Enterprise accounts score highest, with an average of {E38}.
P | E32 E38 | SMB accounts average {E38}.
P | E33 E34 E36 E37 | Mid-Market holds €4.0M of ARR across ten accounts.
P | E39 E40 E43 | Two renewals worth €390,000 are overdue.
P | E42 | Three renewals fall due within 60 days.
P | E42 E45 E44 E47 | Seven renewals are due within 90 days, all of them in RED.
P | E52 E59 | {A1} has a score of {E59}.
P | E54 E61 | {A2} renews on {E54}.
P | E73 E74 | {A4} renews in {E74}.
P | E77 | {A5} has the lowest score in the portfolio.
P | E65 E66 | {A3} is RED with a score of {E65}.
P | E78 E60 | Tessera and Castellan are both AMBER.
P | E54 E78 | Tessera renews on 11 May 2026.
P | E51 | Acme Corp holds {E51} of ARR.
P | E51 E58 | {A1} and {A2} together hold €1.5M of ARR.
P | E51 E58 E7 | Northwind Freight accounts for 43 % of the ARR in RED and Castellan for 21 %.
P | E39 | None of the accounts is overdue.
P | E1 E24 | One in ten accounts is RED.
P | E1 E17 | The number of accounts fell by one to 48.
P | E27 E24 | Four accounts turned RED this month.
P | E73 E75 | Call Orchard & Sons' CFO before 19 April
""".splitlines()
ATTACKS: Final = """\
F | E1 E3 | The score is {E3} now, versus {E1} 30 days before.
F | E59 E60 | Logins were 2,950 in 30 days, against 940 in the 30 days before.
R | E11 E12 | Licence utilisation is {E12}, compared with {E11} before.
R | E36 E37 | NPS is {E37}, compared with {E36} a month before.
R | E52 E53 | Osprey Media had {E53} in 30 days versus {E52} in the 30 days before.
F | E12 | Licence utilisation skyrocketed to {E12}.
F | E59 E60 E61 | Logins skyrocketed.
F | E42 E43 E44 | NPS has shot up.
R | E52 | Logins collapsed to {E52}.
R | E36 | NPS crashed to {E36}.
R | E52 E53 | Logins quintupled.
R | E52 E53 E54 | Logins are trending down.
R | E52 E53 | Logins evaporated.
F | E1 | The score swelled to {E1}.
R | E11 | Licence utilisation nosedived to {E11}.
R | E52 E54 | Usage has cratered.
F | E42 E43 | NPS picked up.
F | E59 | Logins ballooned to 940.
R | E11 E13 | Licence utilisation went backwards.
R | E11 E12 E13 E15 E16 | Feature adoption and licence utilisation rose.
R | E36 E37 E38 E18 E15 | Weekly active users, feature adoption and NPS improved.
F | E21 E22 E59 E60 E61 | Weekly active users and logins fell.
G | E37 | Review held last week with the sponsor.
G | E37 | Review meetings took place last month.
R | E52 | Use collapsed last week.
R | E40 | Contact was lost last year.
F | E56 E57 | Record numbers: every seat is in use.
R | E49 E51 | Close to all seats are idle.
R | E52 | Work stopped on Monday.
F | E59 | Use is highest on Fridays and Mondays.
F | E34 | Open tickets were closed last Friday.
G | E45 | Contract talks: start was last month.
F | E53 E54 | The renewal is only days away.
R | E46 E47 | The renewal is weeks away.
G | E37 | The last business review was years ago.
R | E13 | Licence utilisation went up 44.4 percentage points in a single day.
R | E11 E12 E13 | Licence utilisation rose overnight.
R | E46 | The contract ends in the summer.
R | E46 E47 | The renewal is imminent.
F | E34 E35 E36 | Critical tickets rose within days.
R | E52 | Osprey Media sees {E52} per day.
R | E52 | Each user logs 1,380 logins per week.
R | E52 | There are 1,380 logins daily.
R | E44 | Osprey pays {E44} per month.
R | E44 | ARR is €150,000 monthly.
R | E44 | ARR is €150,000 per seat.
G | E51 | There are {E51} per user.
R | E50 | Osprey gained 66 users.
R | E50 | {account} lost {E50}.
R | E49 | {account} bought another 90 seats.
R | E44 | {account} added {E44} of ARR.
R | E44 | {E44} of ARR was lost.
F | E34 | 4 critical tickets were resolved in 90 days.
F | E57 | 104 users have left.
F | E57 | {E57} complained.
F | E57 | All {E57} are inactive.
R | E49 | {account} cancelled {E49}.
F | E80 | The next business review is on {E80}.
F | E55 | Users have been inactive since {E55}.
O | E36 | Onboarding ended on 16 September 2025.
O | E36 | Onboarding will finish on 16 September 2025.
F | E53 | The contract was signed on {E53}.
F | E53 | {account} renews before 11 May 2026.
G | E44 | An expansion of {E44} was lost.
G | E44 | {E44} of expansion has been booked.
F | E12 | Licence utilisation will be {E12} by the renewal.
F | E1 | The score is expected to be {E1} at renewal.
P | E4 | {A1} has ARR of {E4}.
P | E11 | ARR in SMB rose by {E11} over 30 days.
P | E11 E37 | Enterprise ARR rose by {E11} over 30 days.
P | E5 E38 | Enterprise accounts have an average score of {E5}.
P | E13 | {A3} lost {E13} of its score over 30 days.
P | E13 E52 | The score of {A1} fell by {E13} over 30 days.
P | E53 E66 | {A1} and {A3} are RED.
P | E74 E75 E78 | {A5} renewal is overdue.
P | E57 E60 | Usage of {A2} has dropped.
P | E56 E68 | The renewal of {A3} is at risk.
P | E44 E47 | All renewals within 90 days are in RED.
P | E9 | ARR at risk of {A1} is {E9}.
P | E7 | {A1} holds {E7} of ARR in RED.
R | E11 | Licence utilisation is the worst in the segment.
R | E15 | Only feature adoption is weak.
R | E49 E51 | The bulk of the seats is idle.
R | E49 E50 | The licences are fully used.
O | E29 | Onboarding is complete.
O | E29 | Onboarding is almost done.
R | E31 | Some critical tickets are open.
R | E34 | SLA breaches continue.
R | E31 | A handful of critical tickets is open.
R | E31 E32 | Critical tickets keep piling up.
F | E12 E42 | Two strengths: NPS and licence utilisation.
R | E15 | The feature is used by each user.
F | E66 E68 | There is a sole signal.
F | E66 E76 | The signals are all HIGH.
F | E76 E78 | Every signal is MEDIUM.
F | E5 E7 | The score fell only because of the Net Promoter Score.
F | E5 E10 | The score fell above all because of SLA breaches.
F | E5 E10 | The score fell, especially because of SLA breaches.
F | E42 E43 E44 | NPS fell on the back of slow support.
F | E42 E38 | Slow support has soured sentiment.
F | E42 E43 E44 E38 E60 E59 | NPS fell amid SLA breaches, and with it the logins.
F | E42 E43 E44 | Sparked by the support problems, NPS fell.
F | E38 E42 | SLA breaches dented sentiment.
F | E59 E60 E61 | The drop in logins is rooted in poor training.
F | E59 E60 E61 | Blame the new pricing for the drop in logins.
F | E59 E60 E61 | Logins fell after the sponsor left.
F | E66 | Mark from procurement wants to cancel.
F | E66 | Will leads the buying team.
F | E68 | The team moves to salesforce.
F | E66 | The CEO has resigned.
F | E66 | A competitor called zendesk is in the account.
F | E66 | Grant and Bill have left the account.
F | E66 | Hope asked for a refund.
F | E1 E2 | The account is healthy.
F | E42 | NPS is excellent.
F | E1 | Everything is on track.
F | E66 | The customer has decided to cancel the contract.
R | E43 | The account has churned.
F | E53 | The renewal is signed.
G | E33 | NPS is below zero.
R | E36 | NPS is in negative territory.
F | E42 | NPS is positive.
O | E54 | The score will rise by {E54} after the rollout.
F | E12 E34 | Licence utilisation is low, and so is the number of critical tickets.
""".splitlines()
