"""The words that a sentence may use. Data: any other word may state what no fact holds, and costs the sentence.

Left out on purpose are words that tell events or qualities on their own (signed, resigned, cancelled, excellent), and
names. Topics, directions, months and numbers are words of their own modules.
"""

from typing import Final

from services.evidence.words import listed

TERMS: Final = listed(
    """A AMBER ARR B2B CRM CS CSM CSMs EBR EBRs EUR GBP GREEN HIGH I KPI KPIs LOW MEDIUM NPS OKR OKRs QBR QBRs RED ROI
    SaaS SLA SLAs SMB UNKNOWN USD UTC"""
)
"Written just so."

PRODUCT: Final = listed(
    """account accounts adoption amber annual business call champion check critical customer data enterprise executive
    feature green health high in key licence licences license licenses login logins low management manager market
    medium meeting mid mid-market net onboarding plan playbook portfolio product promoter quarterly recovery
    recurring red renewal revenue review risk sales score services session sessions smb sponsor success support team
    teams ticket tickets training unknown usage value workshop"""
)
"The product's own words, which titles write with a capital anywhere."

WORDS: Final = listed(
    """a able about above access according accordingly account accounts across action actions active activity actual
    actually added adding additionally adds adequate admin administrator administrators adoption advantage advice
    advocacy after afterwards again against age ago agree agrees ahead alarm all almost alone along alongside
    already also alternative although altogether always am amber amiss among amount amounts an and anew annual
    annually another answered any anybody anyone anything apart approaching approximately are area areas aren't
    argument around as asked asking asks aspect aspects at attention author average aware awareness away back
    balance barely barrier barriers based basis be because become becoming been before beforehand began beginning
    begins begun behind being below beneath benefit benefits beside besides best better between beyond big biggest
    bit bore both bottom bought breached brief bright bringing brings broad broader brought bucket budget build
    building built business but buyer by cadence calendar calls came can can't cannot care carried carries case
    cases causes caution central certain challenge challenges champion chance chances changed changes channel
    chiefly choice choices circle circumstances clause clean clear clearer clearly close closed closely closer
    closing colleague colleagues combined comes comfort coming commercial comparable compared comparison component
    components concern concerns conclusion condition conditions confidence configuration consequence considerable
    considerably consistent constraint context contract contracted contrast contribution contributor contributors
    conversation conversations cooled cooler core corner costliest costs could counted counts couple course critical
    current currently customer customers cut cuts cutting cycle daily dark data date dates day days deadline deals
    dealt debate decide decides decision decisions declining deep deeper deficit degree delay delivered demand
    demands depth deserves desk despite detail dialogue did didn't difference different difficult difficulty
    dimension discussion discussions distance do does doesn't doing don't done down dragged drags dramatically
    drawback driven driver drivers due during dynamic each earlier early easier easy economic edge edged effect
    effective effort efforts either element elements else elsewhere end ended ends engagement engineer engineering
    enough enterprise entire equal equally error escalation especially essential essentials even ever every everyday
    everyone everything evidence exactly except exceptions executive exercise existing expansion expectation
    expectations expire expired expires exposed exposure extension extent extra fact factor factors facts fair
    fairly fallen falling far fast faster favour feature feedback fell felt few fewer figures file final finally
    findings fine fire firm first fit fits flag flags flat floor flow focused follow-up following foothold footing
    for forecast formal former fortunately forward found foundation foundations fragile frequent fresh friction from
    front full fuller fundamental fundamentals further future gain gains gap gaps gave general gets getting given
    gives giving goal goals goes going gone good got graded grave gravest great green grew grip gross ground group
    groups growing grown growth guess habit habits had half halt halved hand handle hands happened happens hard
    harder hardly has hasn't have haven't having head headcount heading headline heads health healthiest healthy
    heard hearing heart heavier heaviest heavy height held helps hence here high higher highest hint hints history
    hole holiday holidays horizon hour hours how however hurts i idea ideas idle if immediate immediately impact
    important importantly improving in inactive indeed indicates individual influence initial input inside insight
    insights instead interest internal internally into is isn't issue issues it items its itself job joined judged
    judgement just keeps kept key kind knew knowledge known label lack land lapsed large largely larger largest late
    lately later lay lays leader leaders learned least leave leaves leaving led left length less level lever levers
    licence licences license licenses lies light likelihood likely limited line lines link listed little logged
    logging login logins logs long longer longest loop lose loses losing lost low lower lowest loyal luck made
    magnitude main mainly major majority maker makers makes making management manager manner many margin markedly
    market material meaningful means meant meantime meanwhile measured measures median medium meeting mend mention
    mid mid-market middle middling might mind minor minority minus minute minutes missed misses missing mix mixed
    model moderate modest modules moment moments momentum money month monthly months more moreover most mostly
    motion moved moves moving much must narrow natural naturally nature near nearly necessary needed needing needs
    negative negatively neither net never nevertheless new newest news next nice no nobody noise none nonetheless
    nor normal not notable notably notes nothing notice noticeably noticed notices now numbers objective observe
    obstacle obvious odd of off office offset often old older oldest on onboarding once ongoing only onto opened
    opening operational opinion opportunity option options or orderly orders other otherwise our ours out outcome
    outcomes outgrown outlook outnumber outreach outside over overall overdue own owner owners paid paperwork part
    participation partly parts passed past path patience pattern patterns pause pay paying pays peers people per
    percent percentage performance perhaps period periods persistent person personal phase picture piece pieces
    pipeline plain platform playbook please points pool poor poorest poorly portfolio positive positively possible
    potential practical practice practices precise precisely preparation present pressing pressure presumably
    previous primarily principle prior priority proactive probably problem problems process product program
    programme progress project promise promises promoter proof proper proportion proposal prose prospect proved
    provisioning pull pulled purchased purpose pushed puts quality quarter quarterly quick quicker quiet quite
    raised raises ran range ranked rarely rated rates rather reached reaches reaction reactivation reading reads
    ready real reality really reason reasons recent reclaimed recommended record recorded records recouped recover
    recoverable recovered recovering recovery recurring red reengage reference references regained regarding regular
    relation relations relationship relative relatively release releases relevant reliable remainder remained
    remaining remains reminder renew renewal renewing renews reported rescue reserve resource resources respondents
    response responsibility result results retention revenue rhythm right rise risen rising risk risks rival rivals
    robust role roles rolling room root rose roughly route routine rules runs s said sale sales same sample saved
    saw says scale scarcely scenario scope scorecard scored scores search seasonal seat seats section security seek
    seen sees selling sells sense sentiment separate separately sequence serious service services session sessions
    setting several severe severity shape shared shares sharp sharply shift short shortcut shorter shortfall should
    showed shown shows shrank shrinking side sight sign sign-on signals signature significant significantly signs
    silence silent similar similarly simple simply since sits situation size skill skills slight slightly slipped
    slow slower small smaller smallest smb snapshot so soft sold solid solution solutions some somebody someone
    something sometimes somewhere soon sooner source sources space special specific speed spent spoke spoken sponsor
    spot spots sprint stabilising stability staff staffing stage stake stakeholders stakes stale stalled standard
    standing stands start started starting starts state status stayed stays steadier steady steep steeply step steps
    still stood story strategic strength strengths stretch strong stronger strongest structure stuck style subject
    subset substantial substantially subtracted success successor such sum summary sure surprise system table tactic
    taken takes taking task tasks team teams tells template tempo tenant tendency term terms text than thanks that
    the their theirs them theme themes themselves then there therefore these they thin thing third this those though
    thought thread threat through thus ticket tickets tight till time timeline timely times timing tiny title to
    today today's together told tone too took tool tools top topic topics topmost touch touchpoint touchpoints
    toward towards trace tracking traction training transition transparent treat trend trends trim trouble troubles
    true turnaround typical unanswered uncertain unclear undecided under under-used under-utilised underlying
    understanding underused underutilised underutilized unfortunately unhappy unhealthy unit units unknown unless
    unlike unlikely unscored untapped until unto unused unwell up upcoming upon upside urgency urgent us usage used
    useful user users uses using usual usually utilisation utilization value values various vendor versus very via
    visibility visible visit vital voice voices volume volumes vs wanted warning was wasn't watch wave way ways we
    weak weaker weakest weakness weaknesses week weekly weeks weighed weight weights well went were what whatever
    when where whereas whether which while who whole whom whose why wide wider widest will win window winning wins
    wise with within without won won't word words worked working works workshop worse worth would written year
    yearly years yes yet you younger your zone"""
)
"As they stand."

VERBS: Final = listed(
    """add address aim allow answer appear ask await base bear beat begin belong block bring call calm carry cause
    change come compare consider contain contribute cost count cover deal depend deserve differ drag ease explain
    face feel find follow form get give go grow guide hang hear help highlight hinge hold identify include indicate
    involve judge keep know lag last lead learn let lie lift like limit list live log look make matter mean measure
    merit miss move name need note number offer open order owe pass place plan play point put question rank rate
    reach read reclaim recommend recoup reflect regain relate rely remain remember represent require rest reward
    rule run say score see seem sell set settle share show signal sit sort speak stall stand stay stick stop strain
    stress suffer suggest support take talk tell tend think tie total track trail turn use view wait want warn weigh
    withhold work worry write yield"""
)
"With their endings."

DEEDS: Final = listed(
    """accelerate acknowledge act adapt adjust adopt advise align analyse analyze anticipate apply appoint approach
    arrange assess assign attend audit avoid benchmark book broaden broken buy capture celebrate chase check choose
    churn clarify clear co-ordinate coach collect combine commit communicate complain complaint complaints complete
    concentrate confirm connect consult contact continue convene coordinate create credit critics cross-sell
    cultivate decided decrease deepen defect defend define deliver demonstrate deploy describe design designate
    determine develop diagnose direct discover discuss display document draft drive drop educate email embed
    emphasise emphasize enable encourage engage enrol enroll ensure escalate establish estimate evaluate examine
    execute expand explore export extend facilitate fill finalise finalize finish fix focus formalise formalize
    foster frame gather harvest hire host implement improve increase industry inform initiate insist inspect inspire
    integration introduce invest investigate invite join launch lend leverage listen lock maintain manage map match
    meet mobilise mobilize monitor names negotiate notify nudge nurture obtain onboard optimise optimize organise
    organize outline oversee package pair partner perform pick pilot pitch position postpone prepare prepared
    preserve prevent price prioritise prioritize probe procurement promote propose protect prove provide provision
    publish purchase pursue push qualify quantify raise re-engage react reactivate reassign reassure rebuild
    reconnect redirect reduce refer refresh reinforce reintroduce remind remove reopen repair repeat replace reply
    report request reset resolve respond restore retain retire retrain return reverse review revisit roll round
    safeguard save schedule secure segment select send serve ship signed simplify smooth spend spread stabilise
    stabilize steer stopped stops store strengthen strike study submit summarise summarize supply surface survey
    sustain switch sync tackle tailor target teach test thank tidy train transfer triage trial trust try tune
    unblock unblocks understand unlock update upgrade upload upsell utilise utilize validate verify walk wants
    winback"""
)
"Only where a sentence tells or asks what to do or what could be, so that none tells what somebody did."

IMPERATIVES: Final = listed(
    """acknowledge act address agree align analyse analyze appoint arrange ask assess assign audit avoid begin book
    bring build call celebrate check clarify close coach collect commit confirm connect consider contact continue
    convene coordinate create cross-sell define deliver demonstrate develop diagnose discuss document draft embed
    enable encourage engage ensure escalate establish evaluate examine expand explore extend find finish fix flag
    focus follow gather get give guide hand highlight hold host identify inform inspect introduce investigate invite
    involve join keep launch learn listen log maintain make map meet monitor negotiate offer open organise organize
    outline pair pick pilot plan prepare present prioritise prioritize probe propose protect prove provide put
    quantify raise re-engage reach reactivate rebuild recommend record recover reduce refresh reinforce remind renew
    replace report request resolve respond restore reverse review revisit roll run save schedule secure see send set
    settle share show sort stabilise stabilize start stop strengthen summarise summarize sustain take talk target
    teach tell test thank tie track train triage understand unlock update use validate verify visit walk win work
    write"""
)
"What a sentence begins with that tells what to do."

ENDINGS: Final = (
    ("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ies", "y"), ("ied", "y"),
    ("ning", ""), ("ting", ""), ("ping", ""), ("ned", ""), ("ped", ""), ("ted", ""),
)  # fmt: skip
"What a verb may end with instead of the second."
