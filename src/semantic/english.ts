// English words that say the same, and those that exclude each other. General knowledge of how people ask, and no more
// of it than that.

/**
 * Each line is one thing. Ways of saying it are separated by commas; ` | ` stands between things that exclude each
 * other, so that a question about the one is never a question about the other. What begins with `~` may be left unsaid:
 * it says how something is asked, and still excludes the others of its line.
 */
export const englishWords = `
enable, activate, turn on, switch on | disable, deactivate, turn off, switch off
begin, start, commence | end, finish, expire, stop, run out
open | close, shut
before, prior to | after, once, following
maximum, max, at most, largest, upper | minimum, min, at least, smallest, lower bound | average, mean
increase, raise, extend, enlarge, grow | decrease, reduce, lower, shrink, cut
create, add, set up, register | delete, remove, erase, drop | keep, preserve, retain | reset, recover | change, modify, edit, alter, update
import | export
upload | download
install | uninstall
connect, attach, pair | disconnect, detach, unpair
lock | unlock
encrypt | decrypt
approve, accept, sign off, sign off on, confirm | reject, decline, deny, refuse
~include, cover, contain | exclude
~allow, permit, let | forbid, prohibit, ban, disallow
buy, purchase | sell | rent, lease
lend | borrow
send, mail | receive
ship, deliver | return
enter, join | leave, quit
entrance, way in | exit, way out
inside, indoors, within the building | outside, outdoors
above | below
more, over, longer, exceed, greater, larger, higher | less, fewer, under, shorter, smaller
better, best | worse, worst
early, earlier, earliest | late, later, latest
first | last | next | previous
new, newer | old, older
left | right
front | rear
up | down
north | south | east | west
morning | afternoon | evening | night, overnight | noon | daytime, during the day
monday | tuesday | wednesday | thursday | friday | saturday | sunday | weekend | weekday
january | february | april | june | july | august | september | october | november | december
spring | summer | autumn | winter
daily | weekly | monthly, per month, a month, each month | quarterly, per quarter | yearly, annual, annually, per year, a year, each year, every year
today | tomorrow | yesterday
income, earnings | expense
profit | loss
asset | liability
debit | credit
deposit | withdraw, withdrawal
employee, staff member | employer | contractor | manager | intern
landlord | tenant
buyer, customer | seller, vendor, supplier
sender | recipient, receiver
teacher | student
doctor | patient | nurse
parent | child
adult | minor
male, men | female, women
public | private | commercial
internal | external
domestic | international
local | remote
home | office
online | offline
manual, manually | automatic, automatically
free | paid
full-time, full time | part-time, part time
~required, mandatory, compulsory, need | optional, voluntary
boil | freeze | melt
celsius | fahrenheit | kelvin
web, browser | mobile, phone | desktop
gross | net
hire | fire, dismiss
found, establish, founder | dissolve
pass | fail
true | false
success, succeed | failure
visible, show, display | invisible, hide
cheap, cheapest | expensive
hot | cold
high | low
wide | narrow
fast | slow
full | empty | partial, part
whole, entire
single | double | multiple
input | output
read | ~write, wrote, author
encode | decode
push | pull
head, lead, run by
responsible, in charge, take care, look after, accountable
same, identical | different
price, cost, fee, charge, pay
document, paper
employment, job
car, automobile, vehicle
picture, photo, photograph, image
mistake, error
fix, repair
help, assist
replace, swap, exchange
repeat, redo
obtain, acquire
request, ask for, apply for
deadline, due, due date, cut-off date
address, location
illness, disease, sickness
medicine, medication, drug
holiday, vacation, annual leave, paid leave
kid, child
flat, apartment
lift, elevator
pupil, student
staff, personnel, workforce
boss, supervisor
big, large | little, small
heavy | light
win, won, winner | lose, lost, loser
agree | disagree
love, like | hate, dislike
permanent | temporary
original | copy
guilty | innocent
safe, safely, harmless | dangerous, unsafe, harmful
legal, legally | illegal, illegally
alive | dead
present | absent
attend, take part, participate | skip
borrower | lender
choose, select, pick
move, transfer, migrate
convert, turn into, transform
~use, utilise, utilize
~reason, cause
~best way, easiest way, right way, correct way
delay, postpone
cancel, call off
salary, wage
device, machine
sign in, log in, login, log on | sign out, log out, logout, log off
phone number, telephone number
email, e-mail
wi-fi, wifi, wireless network | bluetooth
company, firm, business
every, each, all | only, just, solely, exclusively | some, several
select, selected
answer, reply, respond
`

/** Words that say how something is asked, besides the stop words. */
export const englishFillers = `
please tell explain describe know want wish way ways step steps procedure process method possible able get find
mean meaning definition year date number amount size large much many long often person time place take takes go goes work
works exist there say says said question kindly let wonder wondering could would give given happen happens do make made must shall also again exactly really actually currently exact days day available stay among everyone someone anyone one ones
`

/** Words that turn a question into its opposite, or take something away from it. */
export const englishNegations =
  /\b(?:not|no|never|none|neither|nor|cannot|without|unless|except|excluding|excludes?|avoid(?:s|ing)?|prevent(?:s|ing)?|forbidden|prohibited|prohibit(?:s)?|fail(?:s|ed|ing)?|lack(?:s|ing)?|instead|unlimited|unable)\b|n['’]t\b/gi
