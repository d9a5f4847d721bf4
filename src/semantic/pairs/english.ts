// Pairs of English questions, for measuring which of them the semantic cache takes for one. How they are read: see ../pairs.ts.

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
`
