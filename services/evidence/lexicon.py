"""Words that a sentence may begin with or write with a capital. Data: what is not here looks like somebody's name."""

from typing import Final

from services.evidence.words import listed

TERMS: Final = listed(
    """NPS QBR QBRs EBR EBRs SLA SLAs ARR CSM CSMs CRM GREEN AMBER RED UNKNOWN HIGH MEDIUM LOW SMB API ROI KPI KPIs
    SaaS CS VP I A B2B USD EUR GBP UTC FAQ SSO OKR OKRs PM IT HR COO CEO CTO CFO CIO CAB"""
)
"Written just so."

PRODUCT: Final = listed(
    """green amber red unknown mid-market mid market enterprise smb health score support success customer manager
    sponsor executive champion renewal playbook usage adoption onboarding plan review account accounts portfolio net
    promoter value call meeting risk high medium low team teams product finance legal procurement sales services
    management license licence licenses licences ticket tickets critical quarterly business annual recurring revenue
    key feature login logins session sessions data training workshop recovery check in"""
)
"The product's own words, in lower case, which titles write with a capital anywhere."

ENGLISH: Final = listed(
    """a about above according account across act action actions active activity add additionally address adjust
    adoption advocacy after afterwards again against agree align all almost alongside already also although
    altogether always amid among an analyse analyze and another answer any anyone anything apart appoint approach
    arrange as ask assess assign at attention audit average avoid aware base based be because become before begin
    being below benchmark besides between beyond block book both bring broad brief build business but buy by bye
    cadence call calls can capture care celebrate champion change changes chase check churn circle clarify clean
    clear clearly close closely closing co-ordinate coach collect combined come commercial commit communicate
    compared compare complete concentrate concern confirm connect consider consistent contact continue contract
    convene coordinate cost could cover create critical current currently customer customers cut daily data deal
    decide decline declining decrease deepen define deliver demonstrate depth describe design despite detail
    determine develop diagnose did direct discover discuss display do document does down draft drive drop due during
    each earlier early ease educate either elsewhere email emphasise emphasize enable encourage end engage
    engagement enough enrol enroll ensure equally escalate especially establish estimate evaluate even every
    everyone evidence examine execute executive expand expansion expect explain explore extend face facilitate few
    fewer figures file fill final finally find first fix flag focus follow following follow-up for formal
    fortunately foster four frequent from further gather general get give given go goal good great growing grow
    guide half halt hand handle hard have having he health healthy help here high higher highlight hold hope host
    how however identify if immediate immediately implement important improve improvement in include increase
    increasing indeed inform initiate inside insist inspect instead introduce investigate invite involve is it items
    its join just keep key kick know known lack land large last late later launch lead learn least leave less let
    level leverage license licence light like likely limit limited line link list listen little log logging login
    logins long look loss lost low lower main maintain make manage many map mark may measure meanwhile measures
    median meet mention might minor missing mobilise mobilize momentum monitor more moreover most mostly move much
    must name near nearly need needs negative negotiate neither net never nevertheless new newest next no nobody
    none nonetheless nor not notably note nothing now numbers objective observe obtain of off offer often old on
    onboard onboarding once one ongoing only open operational opportunity or organise organize other our out
    outreach outside over overall overdue own pair part participation partner pay peers people per perform perhaps
    persistent pick pilot place plan play playbook please points position positive potential prepare present
    preserve presumably prevent previous prioritise prioritize priority proactive probably probe product progress
    promote promoters propose protect prove provide publish pull purchased push put quantify quarterly question
    quick quiet raise rather reach react reactivate read ready rebuild recent recommend recommended record recover
    recovery reduce reengage re-engage refresh regarding regular reinforce relationship relative rely remain
    remaining remains remind remove renew renewal repeat reply report request require rescue resolve respond
    response restore result results retain retention retire return revenue reverse review revisit right risk risks
    roll root run safeguard same satisfaction save schedule score scores seat seats second secure see seek segment
    send sentiment separately serious service session sessions set setting settle several share sharp she short
    should show sign signals signs similarly simple simply since sit situation slow small so some something soon
    sort spend sponsor spread stabilise stabilize staff stalled stakeholders start starting state status stay steady
    still stop strategic strength strengthen strengths strong study successful such sudden suggest summarise
    summarize support surface survey sustain take taken talk target task tasks team teams tell test thank that the
    their them then there therefore these they thing think this those though three through thus ticket tickets tie
    time timing title to today together too tackle top total touch toward towards track train training treat trend
    triage true trust try turn twelve two unblock under underlying understand understanding unfortunately unless
    unlike unlock until unused up update upcoming upon urgent usage use used useful user users using usual
    utilisation utilization validate value verify very via view visibility visit vital wait walk warn was watch we
    weak weakness week weekly weigh well were what whatever when where whereas whether which while who whole why
    will win winning with within without work workshop would write year yes yet you your zero eleven five six seven
    eight nine ten thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty
    seventy eighty ninety hundred thousand roughly approximately around"""
)

IMPERATIVES: Final = listed(
    """acknowledge act address agree align analyse analyze appoint arrange ask assess assign audit avoid begin book
    bring build call celebrate check clarify close coach collect confirm connect consider contact continue convene
    coordinate create define deliver demonstrate develop diagnose discuss document draft embed enable encourage
    engage ensure escalate establish evaluate examine expand explore find finish fix flag focus follow gather get
    give guide hand highlight hold host identify inform inspect introduce investigate invite involve join keep
    launch learn listen log maintain make map meet monitor negotiate offer open organise organize outline pair pick
    pilot plan prepare present prioritise prioritize probe propose protect prove provide put quantify raise reach
    re-engage rebuild recommend record recover reduce reinforce remind renew replace request resolve restore reverse
    review revisit roll run save schedule secure see send set settle share show sort stabilise stabilize start stop
    strengthen summarise summarize sustain take talk target teach tell test thank tie track train triage understand
    unlock update use validate verify visit walk win work write"""
)
"What a sentence begins with that tells what to do."

SUFFIXES: Final = (
    ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("ly", ""), ("s", ""), ("es", ""), ("ied", "y"), ("ies", "y"),
    ("ning", ""), ("ting", ""), ("ping", ""), ("ally", "al"), ("ily", "y"),
)  # fmt: skip
"An ending that a known word may have instead of the second."
