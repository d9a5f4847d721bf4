// Pairs of English questions, for measuring which of them the semantic cache takes for one. How they are read: ../pairs.ts.

export const englishPairs = `
# How do I reset my password?
paraphrase: What are the steps to reset my password?
paraphrase: I forgot my password, how can I recover it?
negation: Why can I not reset my password?
antonym: How do I keep my password?
# How many vacation days do employees get each year?
paraphrase: What is the number of vacation days an employee receives per year?
order: Each year, how many vacation days do employees get?
scope: How many vacation days do part-time employees get each year?
number: How many vacation days do employees get in their first 2 years?
# How do I enable two-factor authentication?
paraphrase: How can I turn on two-factor authentication?
paraphrase: Steps to activate two-factor authentication, please
antonym: How do I disable two-factor authentication?
question-word: Where do I enable two-factor authentication?
# When does the warranty expire?
paraphrase: What date does the warranty end?
antonym: When does the warranty begin?
question-word: Why does the warranty expire?
negation: When does the warranty not expire?
# Can I cancel an order after it has shipped?
paraphrase: Is it possible to cancel an order once it has been shipped?
antonym: Can I cancel an order before it has shipped?
negation: Can I not cancel an order after it has shipped?
scope: Can I cancel part of an order after it has shipped?
# What is the maximum file size for uploads?
paraphrase: How large can an uploaded file be at most?
order: For uploads, what is the maximum file size?
antonym: What is the minimum file size for uploads?
# How do I convert a PDF to a Word document?
paraphrase: What is the way to convert a PDF into a Word document?
direction: How do I convert a Word document to a PDF?
name: How do I convert a PDF to an Excel document?
# What happens if I pay within 30 days?
written: What happens if I pay within thirty days?
number: What happens if I pay within 60 days?
negation: What happens if I don't pay within 30 days?
unit: What happens if I pay within 30 hours?
# What was the revenue in 2023?
paraphrase: How much revenue was there in 2023?
date: What was the revenue in 2022?
scope: What was the net revenue in 2023?
tense: What will the revenue be in 2023?
# Who approves travel expenses?
paraphrase: Which person approves travel expenses?
paraphrase: Who signs off on travel expenses?
question-word: When are travel expenses approved?
antonym: Who rejects travel expenses?
# How do I fly from Berlin to Lisbon with a dog?
order: With a dog, how do I fly from Berlin to Lisbon?
direction: How do I fly from Lisbon to Berlin with a dog?
name: How do I fly from Berlin to Madrid with a dog?
negation: How do I fly from Berlin to Lisbon without a dog?
# Is the office open on public holidays?
paraphrase: Does the office stay open on public holidays?
antonym: Is the office closed on public holidays?
scope: Is the office open on all days except public holidays?
date: Is the office open on Sundays?
# How do I install version 2.4 on Ubuntu?
paraphrase: What is the procedure for installing version 2.4 on Ubuntu?
number: How do I install version 2.5 on Ubuntu?
antonym: How do I uninstall version 2.4 on Ubuntu?
name: How do I install version 2.4 on Debian?
# Which documents are required for a visa application?
paraphrase: What documents do I need for a visa application?
negation: Which documents are not required for a visa application?
antonym: Which documents are optional for a visa application?
# What does the error code E1042 mean?
paraphrase: What is the meaning of error code E1042?
paraphrase: Explain error code E1042
name: What does the error code E1043 mean?
# How long does it take to ship to Canada?
paraphrase: How many days does shipping to Canada take?
direction: How long does it take to ship from Canada?
name: How long does it take to ship to Mexico?
question-word: How much does it cost to ship to Canada?
# What is the boiling point of the coolant in Celsius?
order: In Celsius, what is the boiling point of the coolant?
unit: What is the boiling point of the coolant in Fahrenheit?
antonym: What is the freezing point of the coolant in Celsius?
# Why was the project delayed?
paraphrase: What is the reason the project was delayed?
paraphrase: What caused the delay of the project?
question-word: How long was the project delayed?
tense: Why will the project be delayed?
negation: Why wasn't the project delayed?
# How do I export all contacts to CSV?
paraphrase: How can I export every contact to CSV?
antonym: How do I import all contacts from CSV?
scope: How do I export only selected contacts to CSV?
name: How do I export all contacts to JSON?
# Who is the head of the finance department?
paraphrase: Who leads the finance department?
name: Who is the head of the marketing department?
tense: Who was the head of the finance department before?
# Where is the main entrance of the museum?
paraphrase: Where can I find the main entrance of the museum?
antonym: Where is the main exit of the museum?
question-word: When does the main entrance of the museum open?
# Am I allowed to work from home on Fridays?
paraphrase: May I work from home on Fridays?
negation: Am I not allowed to work from home on Fridays?
date: Am I allowed to work from home on Mondays?
direction: Am I allowed to work from the office on Fridays?
# What was decided at the meeting on March 5, 2024?
written: What was decided at the meeting on 5 March 2024?
written: What was decided at the meeting on 2024-03-05?
date: What was decided at the meeting on May 3, 2024?
negation: What was not decided at the meeting on March 5, 2024?
# Does the policy cover water damage?
paraphrase: Is water damage covered by the policy?
negation: Does the policy exclude water damage?
scope: Does the policy cover only water damage?
name: Does the policy cover fire damage?
# What is the fee for a wire transfer of $5,000?
written: What is the fee for a wire transfer of 5000 dollars?
paraphrase: How much do I pay for a wire transfer of $5,000?
number: What is the fee for a wire transfer of $50,000?
unit: What is the fee for a wire transfer of €5,000?
# How do I increase the memory limit of a container?
paraphrase: How can I raise the memory limit of a container?
antonym: How do I decrease the memory limit of a container?
negation: How do I remove the memory limit of a container?
# What is the notice period for tenants?
paraphrase: How much notice must tenants give?
name: What is the notice period for landlords?
scope: What is the notice period for commercial tenants?
# Which trains go from Oslo to Bergen in the morning?
order: In the morning, which trains go from Oslo to Bergen?
direction: Which trains go from Bergen to Oslo in the morning?
antonym: Which trains go from Oslo to Bergen in the evening?
# How do I delete a user account?
paraphrase: How can I remove a user account?
paraphrase: What do I have to do to delete a user account?
antonym: How do I create a user account?
negation: How do I avoid deleting a user account?
# What is the dose for children under 12 years?
written: What is the dose for children under twelve years?
number: What is the dose for children under 2 years?
antonym: What is the dose for children over 12 years?
unit: What is the dose for children under 12 months?
# Who wrote the report on air quality?
paraphrase: Who is the author of the report on air quality?
name: Who wrote the report on water quality?
question-word: When was the report on air quality written?
# Is the API free for commercial use?
paraphrase: Can I use the API commercially for free?
negation: Is the API not free for commercial use?
antonym: Is the API free for private use?
# How much does the Pro plan cost per month?
paraphrase: What is the monthly price of the Pro plan?
date: How much does the Pro plan cost per year?
name: How much does the Team plan cost per month?
question-word: How long is a month of the Pro plan?
# What did the auditors find in the third quarter?
written: What did the auditors find in Q3?
paraphrase: What were the findings of the auditors in the third quarter?
date: What did the auditors find in the fourth quarter?
negation: What did the auditors miss in the third quarter?
# Does the device work with 110 V?
written: Does the device work with 110 volts?
number: Does the device work with 220 V?
negation: Does the device fail with 110 V?
unit: Does the device work with 110 W?
# How do I move my data from the old server to the new server?
paraphrase: How can I transfer my data from the old server to the new server?
direction: How do I move my data from the new server to the old server?
# When was the company founded?
paraphrase: In which year was the company founded?
paraphrase: When was the company established?
question-word: Who founded the company?
antonym: When was the company dissolved?
# Are visitors permitted to take photos inside?
paraphrase: Are visitors allowed to take photos inside?
antonym: Are visitors permitted to take photos outside?
negation: Are visitors forbidden to take photos inside?
# What are the side effects of ibuprofen?
paraphrase: Which side effects does ibuprofen have?
name: What are the side effects of paracetamol?
scope: What are the rare side effects of ibuprofen?
# Do refunds take more than 10 days?
paraphrase: Does a refund take longer than 10 days?
antonym: Do refunds take less than 10 days?
number: Do refunds take more than 15 days?
unit: Do refunds take more than 10 weeks?
# How do I connect the printer to Wi-Fi?
paraphrase: How can I connect the printer with Wi-Fi?
antonym: How do I disconnect the printer from Wi-Fi?
name: How do I connect the printer to Bluetooth?
# Which employees are eligible for the bonus?
paraphrase: Who among the employees is eligible for the bonus?
negation: Which employees are ineligible for the bonus?
scope: Are all employees eligible for the bonus?
# What is the legal limit for noise at night?
paraphrase: How much noise is legally allowed at night?
antonym: What is the legal limit for noise during the day?
# Does Maria report to Jonas?
direction: Does Jonas report to Maria?
paraphrase: Is Jonas the one Maria reports to?
negation: Does Maria no longer report to Jonas?
# How often is the backup run?
paraphrase: At what intervals is the backup run?
question-word: Where is the backup run?
tense: When was the backup last run?
# Can minors open an account with a parent?
paraphrase: Are minors able to open an account with a parent?
negation: Can minors open an account without a parent?
antonym: Can adults open an account with a parent?
antonym: Can minors close an account with a parent?
# How can I renew my library card?
paraphrase: What do I have to do to renew my library card?
paraphrase: Renewing a library card - how does that work?
name: How can I renew my parking permit?
negation: Why can't I renew my library card?
# What temperature should the freezer be set to?
paraphrase: Which temperature is right for the freezer?
name: What temperature should the oven be set to?
question-word: When should the freezer temperature be set?
# Who is responsible for fire safety in building C?
paraphrase: Who takes care of fire safety in building C?
name: Who is responsible for fire safety in building D?
negation: Who is not responsible for fire safety in building C?
# How many people attended the 2019 conference?
paraphrase: What was the attendance of the 2019 conference?
date: How many people attended the 2021 conference?
antonym: How many people skipped the 2019 conference?
order: The 2019 conference: how many people attended?
# Does the contract renew automatically?
paraphrase: Is the contract renewed automatically?
antonym: Does the contract terminate automatically?
negation: Does the contract never renew automatically?
antonym: Is the contract renewed manually?
# What is the interest rate on savings accounts?
paraphrase: How high is the interest rate for savings accounts?
name: What is the interest rate on checking accounts?
scope: What is the interest rate on savings accounts for students?
tense: What was the interest rate on savings accounts?
# How far is the airport from the city centre?
paraphrase: What is the distance between the airport and the city centre?
name: How far is the stadium from the city centre?
question-word: Why is the airport far from the city centre?
# Can I bring a guest to the annual dinner?
paraphrase: Am I allowed to bring a guest to the annual dinner?
number: Can I bring 3 guests to the annual dinner?
negation: Can I come without a guest to the annual dinner?
# How do I roll back a deployment?
paraphrase: What is the way to roll back a deployment?
paraphrase: How can a deployment be rolled back?
antonym: How do I roll forward a deployment?
scope: How do I roll back a failed deployment?
# Which vaccines does a puppy need before it is 16 weeks old?
written: Which vaccines does a puppy need before it is sixteen weeks old?
number: Which vaccines does a puppy need before it is 8 weeks old?
antonym: Which vaccines does a puppy need after it is 16 weeks old?
unit: Which vaccines does a puppy need before it is 16 months old?
# Does Acme supply parts to Globex?
direction: Does Globex supply parts to Acme?
negation: Does Acme no longer supply parts to Globex?
paraphrase: Are parts supplied to Globex by Acme?
# Where can I park my bike?
paraphrase: Where is it possible to park my bike?
name: Where can I park my motorcycle?
negation: Where can I not park my bike?
# How do I translate a text from French to Polish?
paraphrase: What is the procedure to translate a text from French to Polish?
direction: How do I translate a text from Polish to French?
name: How do I translate a text from French to Czech?
# When is the rent due?
paraphrase: What day is the rent due?
question-word: Where is the rent paid?
negation: When is no rent due?
# Is it safe to take the tablets with alcohol?
paraphrase: Can I safely take the tablets with alcohol?
negation: Is it unsafe to take the tablets with alcohol?
antonym: Is it dangerous to take the tablets with alcohol?
# What was the highest score of the season?
paraphrase: How high was the highest score of the season?
antonym: What was the lowest score of the season?
scope: What was the highest home score of the season?
# Who won the match between Ajax and Porto?
paraphrase: Which team won the match between Ajax and Porto?
antonym: Who lost the match between Ajax and Porto?
question-word: Where was the match between Ajax and Porto played?
# How do I make the text bold?
paraphrase: How can I make text bold?
antonym: How do I make the text italic?
# Are interns paid for overtime?
paraphrase: Do interns get paid for overtime?
antonym: Are interns unpaid for overtime?
name: Are freelancers paid for overtime?
# What did the court decide on 12 June 2020?
written: What did the court decide on June 12, 2020?
written: What did the court decide on 2020-06-12?
date: What did the court decide on 12 July 2020?
negation: What did the court not decide on 12 June 2020?
# How much does it cost to replace the battery?
paraphrase: What is the price of replacing the battery?
name: How much does it cost to replace the screen?
question-word: How long does it take to replace the battery?
# Which port does the database listen on by default?
paraphrase: What is the default port of the database?
name: Which port does the web server listen on by default?
# Can two users edit the same page at the same time?
written: Can 2 users edit the same page at the same time?
number: Can three users edit the same page at the same time?
antonym: Can two users edit different pages at the same time?
# How do I turn the volume up?
paraphrase: How can I raise the volume?
antonym: How do I turn the volume down?
# Do I need a receipt to return a product?
paraphrase: Is a receipt required for returning a product?
negation: Can I return a product without a receipt?
scope: Do I need the original receipt to return a product?
# What is the population of Norway?
paraphrase: How many people live in Norway?
name: What is the population of Finland?
tense: What will the population of Norway be?
# How do I descale the coffee machine?
paraphrase: What is the best way to descale the coffee machine?
paraphrase: Descaling the coffee machine: how is it done?
name: How do I descale the kettle?
question-word: When should I descale the coffee machine?
# How many seats does the auditorium have?
paraphrase: What is the seating capacity of the auditorium?
paraphrase: How many seats are there in the auditorium?
name: How many exits does the auditorium have?
# Is parental leave available to fathers?
paraphrase: Can fathers take parental leave?
name: Is parental leave available to mothers?
negation: Is parental leave not available to fathers?
# What is the deadline for the grant application?
paraphrase: When is the grant application due?
antonym: What is the earliest date for the grant application?
name: What is the deadline for the grant report?
# Which planes fly from Dublin to Nice on Saturdays?
order: On Saturdays, which planes fly from Dublin to Nice?
direction: Which planes fly from Nice to Dublin on Saturdays?
date: Which planes fly from Dublin to Nice on Sundays?
# Can the lens be cleaned with water?
paraphrase: May I clean the lens with water?
negation: Can the lens be cleaned without water?
antonym: Can the lens be damaged with water?
# Who signed the treaty in 1951?
paraphrase: Which countries signed the treaty in 1951?
date: Who signed the treaty in 1957?
negation: Who did not sign the treaty in 1951?
# How much sugar is in 100 ml of the drink?
paraphrase: How much sugar does 100 ml of the drink contain?
written: How much sugar is in 100 millilitres of the drink?
number: How much sugar is in 250 ml of the drink?
unit: How much sugar is in 100 l of the drink?
name: How much salt is in 100 ml of the drink?
# What should I do when the alarm goes off?
paraphrase: The alarm goes off - what should I do?
negation: What should I not do when the alarm goes off?
antonym: What should I do after the alarm stops?
# Does the subscription include phone support?
paraphrase: Is phone support part of the subscription?
antonym: Does the subscription exclude phone support?
name: Does the subscription include email support?
scope: Does the free subscription include phone support?
# How do I merge two branches?
written: How do I merge 2 branches?
paraphrase: How can I merge two branches?
antonym: How do I split two branches?
scope: How do I merge two protected branches?
# Why did the pump stop?
paraphrase: What made the pump stop?
paraphrase: What is the reason that the pump stopped?
antonym: Why did the pump start?
question-word: When did the pump stop?
# What is the speed limit on rural roads?
paraphrase: How fast may I drive on rural roads?
name: What is the speed limit on motorways?
antonym: What is the minimum speed on rural roads?
# Where are the minutes of the board stored?
paraphrase: Where can I find the minutes of the board?
question-word: Who stores the minutes of the board?
tense: Where were the minutes of the board stored?
# Does Erik owe Lena money?
direction: Does Lena owe Erik money?
negation: Does Erik owe Lena no money?
# Are dogs allowed on the beach in summer?
paraphrase: In summer, are dogs permitted on the beach?
antonym: Are dogs allowed on the beach in winter?
antonym: Are dogs banned on the beach in summer?
scope: Are small dogs allowed on the beach in summer?
# What was the average temperature in July 2021?
written: What was the average temperature in 07/2021?
date: What was the average temperature in June 2021?
antonym: What was the maximum temperature in July 2021?
# How do I cancel my subscription?
paraphrase: How can I end my subscription?
antonym: How do I renew my subscription?
negation: How do I keep my subscription from being cancelled?
# Is the meeting before lunch?
antonym: Is the meeting after lunch?
paraphrase: Does the meeting take place before lunch?
# What are the benefits of the new tax rule for families?
paraphrase: How do families benefit from the new tax rule?
antonym: What are the drawbacks of the new tax rule for families?
scope: What are the benefits of the new tax rule for single-parent families?
## held out
# How do I change a flat tyre?
paraphrase: What do I need to do to change a flat tyre?
paraphrase: Changing a flat tyre, how is that done?
name: How do I change a light bulb?
question-word: When should I change a flat tyre?
# How many languages does the app support?
paraphrase: How many languages are supported by the app?
paraphrase: In how many languages is the app available?
scope: How many right-to-left languages does the app support?
# Is smoking permitted in the courtyard?
paraphrase: May people smoke in the courtyard?
antonym: Is smoking prohibited in the courtyard?
name: Is smoking permitted in the lobby?
negation: Is smoking not permitted in the courtyard?
# When did the bridge open?
paraphrase: What year did the bridge open?
antonym: When did the bridge close?
question-word: Why did the bridge open?
tense: When will the bridge open?
# What does the blue light on the router mean?
paraphrase: What is the meaning of the blue light on the router?
name: What does the red light on the router mean?
name: What does the blue light on the modem mean?
# Who inherits the house if there is no will?
negation: Who inherits the house if there is a will?
paraphrase: If there is no will, who inherits the house?
# What is the rent for a room of 20 square metres?
written: What is the rent for a room of twenty square metres?
paraphrase: How much rent is charged for a room of 20 square metres?
number: What is the rent for a room of 25 square metres?
unit: What is the rent for a room of 20 square feet?
# Can I swap shifts with a colleague?
paraphrase: Is it allowed to swap shifts with a colleague?
negation: Can I refuse to swap shifts with a colleague?
direction: Can a colleague take over a shift from me?
# Which bus runs between the harbour and the castle?
paraphrase: Which bus goes between the harbour and the castle?
name: Which bus runs between the harbour and the zoo?
scope: Which night bus runs between the harbour and the castle?
# Do I have to register my drone?
paraphrase: Must I register my drone?
paraphrase: Is it necessary to register my drone?
negation: Do I not have to register my drone?
antonym: Do I have to deregister my drone?
# How do I sync my calendar from Outlook to Google?
paraphrase: What's the way to sync my calendar from Outlook to Google?
direction: How do I sync my calendar from Google to Outlook?
name: How do I sync my contacts from Outlook to Google?
# Is the exam on 14 May 2025?
written: Is the exam on May 14, 2025?
date: Is the exam on 15 May 2025?
antonym: Is the exam before 14 May 2025?
# Why is the roof leaking?
paraphrase: What is causing the roof to leak?
negation: Why is the roof not leaking?
question-word: Where is the roof leaking?
# What is the shortest route to the summit?
paraphrase: Which route to the summit is the shortest?
antonym: What is the longest route to the summit?
direction: What is the shortest route from the summit?
# Did Rosa lend the car to Ben?
direction: Did Ben lend the car to Rosa?
negation: Did Rosa never lend the car to Ben?
antonym: Did Rosa borrow the car from Ben?
# How do I mute a conversation?
paraphrase: How can I mute a conversation?
antonym: How do I unmute a conversation?
scope: How do I mute a group conversation?
# What is the tax on imported wine?
paraphrase: How high is the tax on imported wine?
antonym: What is the tax on exported wine?
name: What is the tax on imported cheese?
# At what age do children start school?
paraphrase: How old are children when they start school?
antonym: At what age do children leave school?
# Does the ticket include breakfast?
paraphrase: Is breakfast included in the ticket?
negation: Does the ticket not include breakfast?
name: Does the ticket include dinner?
# How often should the filter be replaced?
paraphrase: How frequently should I replace the filter?
question-word: How should the filter be replaced?
name: How often should the fuse be replaced?
`
