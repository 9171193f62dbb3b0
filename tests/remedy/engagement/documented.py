"""A year of two working groups with one supplier, told through the handlers: what documents are made of in tests."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.remedy import obligations
from services.remedy.office import settings_of
from services.remedy.statements import record_statements
from shared.events.engagement_words import (
    Assessment,
    CompanyContact,
    EscalationEffect,
    EscalationStep,
    Milestone,
    RightsholderKind,
    SupplierAnswer,
)
from shared.events.envelope import Classification
from shared.events.ingest import (
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    ConsultationRecorded,
    ContractRecorded,
    EscalationEffectRecorded,
    EscalationRecorded,
    EvidenceRecorded,
    MilestoneRecorded,
    PracticeRecorded,
    SupplierAnswered,
)
from shared.events.lifecycles import Exposure, Reach
from shared.events.remedy.released import StatementReleased, StatementReversed
from shared.events.risk import ExposureChanged, LeverageChanged
from shared.events.values import Clause, Conditions, Money
from shared.events.vocabulary import Category, ContractLevel, GroupRole, Instrument, SourceClass, WorkersBand
from tests.remedy.engagement.shown import EVIDENCE, World, day, moment
from tests.remedy.given import event, flag

CODE = Clause(conditions="Example code of conduct", edition="4.1", clause="A7")
DFO = Conditions(name="Example contract terms", edition="2024", clauses=("2.1", "2.2"))
UNION = "Example Union of Electronics Workers"
SECRET_CONTRACT = "BERGEN-ONLY-77"
"""Bergen's own reference: nobody else reads it."""
QUARTER = "2024-Q2"
"""Of when a statement tells that was released."""
OTHERS_OBJECTIVE = "Only the network group reads this objective."
"""What oslo alone agreed on in the group `network`, which bergen does not read."""


@dataclass
class Year(World):
    """A world with a year of dialogue in it."""

    fees: UUID = field(default_factory=uuid4)
    union: UUID = field(default_factory=uuid4)
    alone: UUID = field(default_factory=uuid4)
    flag: UUID = field(default_factory=uuid4)
    ids: dict[str, UUID] = field(default_factory=dict)

    async def live(self) -> "Year":
        """Let the year happen."""
        await self.begin()
        await self.learn_of_risks()
        await self.engage_on_fees()
        await self.engage_on_unions()
        await self.open("network", days_ago=40, engagement=self.alone, objective=OTHERS_OBJECTIVE)
        await self.hold_contracts()
        await self.let_days_pass()
        return self

    async def learn_of_risks(self) -> None:
        """A flag, and the leverage on it."""
        opened = flag(self.supplier, flag_id=self.flag)
        assert opened.data is not None
        await self.tell("follow_risk", opened.data, str(self.supplier), at=moment(320))
        leverage = LeverageChanged(
            flag=self.flag,
            supplier=self.supplier,
            category=Category.FORCED_LABOUR,
            buyers=4,
            contracts=6,
            values=(Money.model_validate({"amount": "2000000", "currency": "NOK"}),),
        )
        await self.tell("follow_risk", leverage, str(self.supplier), at=moment(310))

    async def engage_on_fees(self) -> None:
        """An engagement up to its plan: an ask of two members, a commitment that is met in part, a consultation."""
        coded: dict[str, Any] = {
            "category": Category.FORCED_LABOUR,
            "clause": CODE,
            "instruments": (Instrument.C029, Instrument.P029),
        }
        reasons: dict[str, Any] = {"flags": (self.flag,), "reason": None}
        await self.open(
            days_ago=300,
            engagement=self.fees,
            objective="Recruitment fees are repaid to all workers.",
            **coded,
            **reasons,
        )
        say = self.on_fees
        self.ids["reached_m1"] = await self.move(self.fees, Milestone.M1_CONCERN_RAISED, days_ago=280)
        self.ids["ask"] = await say(AskRecorded, 279, wording="Repay the fees, with interest.", due=day(100), **coded)
        self.ids["second"] = await say(
            AskRecorded, 278, wording="Repay what workers paid.", due=day(90), member="bergen",
            role=GroupRole.COLLABORATING, **coded,
        )  # fmt: skip
        await say(AsksJoinedRecorded, 277, into=self.ids["ask"], asks=(self.ids["second"],))
        answer = {"ask": self.ids["ask"], "member": None, "role": None}
        await say(SupplierAnswered, 260, answer=SupplierAnswer.ACKNOWLEDGED, **answer)
        await self.move(self.fees, Milestone.M2_ISSUE_ACKNOWLEDGED, days_ago=250)
        self.ids["consultation"] = await say(
            ConsultationRecorded, 240, rightsholders=RightsholderKind.UNION, organisation=UNION, quarter="2026-Q1",
            priorities=(Category.FORCED_LABOUR,), asks=(self.ids["ask"],), influence="Interest was added to the ask.",
        )  # fmt: skip
        await say(ConsultationRecorded, 238, rightsholders=RightsholderKind.CIVIL_SOCIETY, quarter="2026-Q1")
        promise = {"wording": "Repay in two parts.", "measure": "Receipts of all workers.", "due": day(60)}
        self.ids["promise"] = await say(
            CommitmentRecorded, 200, ask=self.ids["ask"], category=Category.FORCED_LABOUR, **promise
        )
        await self.move(self.fees, Milestone.M3_CREDIBLE_PLAN, days_ago=190)
        await say(EvidenceRecorded, 70, commitment=self.ids["promise"], basis=SourceClass.AUDIT, evidence=(EVIDENCE,))
        await say(
            AssessmentRecorded, 50, commitment=self.ids["promise"], found=Assessment.PARTLY_MET,
            basis=SourceClass.AUDIT, assessed_on=day(50), evidence=(EVIDENCE,),
        )  # fmt: skip
        await say(MilestoneRecorded, 45, milestone=Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS, reached_on=day(45))
        described = PracticeRecorded(
            practice=uuid4(), member="oslo", title="Fees repaid with interest", category=Category.FORCED_LABOUR,
            description="The supplier pays interest on fees.", evidence=(EVIDENCE,), engagement=self.fees,
        )  # fmt: skip
        about = str(described.practice)
        await self.tell("follow_dialogue", described, about, Classification.GROUP, workinggroup="phones", at=moment(44))

    async def engage_on_unions(self) -> None:
        """An engagement without any consultation: an ask that nobody answers, two steps of the ladder, and its end."""
        await self.open(days_ago=200, engagement=self.union)
        await self.move(self.union, Milestone.M1_CONCERN_RAISED, days_ago=190)
        self.ids["unanswered"] = await self.ask(self.union, due=day(150), days_ago=185)
        taken = {"step": EscalationStep.INFORMAL, "taken_on": day(120), "reason": "No answer came."}
        self.ids["informal"] = await self.enter(EscalationRecorded, "phones", self.union, days_ago=120, **taken)
        seen = {"escalation": self.ids["informal"], "effect": EscalationEffect.NO_ANSWER, "observed_on": day(90)}
        await self.enter(EscalationEffectRecorded, "phones", self.union, days_ago=90, **seen)
        letter = {"step": EscalationStep.FORMAL_LETTER, "taken_on": day(80), "reason": "Still no answer."}
        await self.enter(EscalationRecorded, "phones", self.union, days_ago=80, **letter)
        ended = {"outcome": "stalled", "concluded_on": day(10), "reason": "The supplier does not answer."}
        await self.enter(ConclusionRecorded, "phones", self.union, days_ago=10, **ended)

    async def hold_contracts(self) -> None:
        """Contracts of oslo and of bergen with the supplier, and a flag that touches oslo's."""
        for member, reference in (("oslo", "24/1001"), ("bergen", SECRET_CONTRACT)):
            contract = self.ids[f"contract_{member}"] = uuid4()
            told = ContractRecorded(
                contract=contract, member=member, reference=reference, level=ContractLevel.FRAMEWORK,
                supplier=self.supplier, title="Telephones", starts=day(299), ends=day(-400), conditions=DFO,
            )  # fmt: skip
            await self.tell(
                "follow_contracts", told, str(contract), Classification.MEMBER, member=member, at=moment(298)
            )
            exposed = ExposureChanged(
                flag=self.flag, member=member, contract=contract, supplier=self.supplier,
                category=Category.FORCED_LABOUR, exposure=Exposure.EXPOSED, reach=Reach.SUPPLIER_OF_CONTRACT,
            )  # fmt: skip
            await self.tell(
                "follow_exposure", exposed, str(self.flag), Classification.MEMBER, member=member, at=moment(297)
            )

    async def let_days_pass(self) -> None:
        """Let the clock tell what was missed until now."""
        settings = settings_of(self.runtime.settings)
        async with self.runtime.transaction() as tx:
            while await obligations.fire_at(settings, tx, moment(0)) > 0:
                pass

    async def on_fees(self, kind: type[Any], days_ago: int, **fields: Any) -> UUID:
        """An entry on the fees."""
        return await self.enter(kind, "phones", self.fees, days_ago=days_ago, **fields)

    async def release(self, *, cleared: bool) -> UUID:
        """A statement that a case handler released of testimony on the supplier."""
        told = StatementReleased(
            statement=uuid4(),
            supplier=self.supplier,
            quarter=QUARTER,
            category=Category.DISCRIMINATION,
            workers=WorkersBand.FROM_10,
            approach=CompanyContact.CLEARED if cleared else CompanyContact.NOT_CLEARED,
        )
        await self.state(told, moment(20) + timedelta(hours=1))
        return told.statement

    async def take_back(self, statement: UUID, *, days_ago: int = 0) -> None:
        """The workers' side no longer agrees that a statement is told."""
        await self.state(StatementReversed(statement=statement, supplier=self.supplier), moment(days_ago))

    async def state(self, told: StatementReleased | StatementReversed, at: datetime) -> None:
        """Let `remedy` tell of a statement."""
        published = event(told, str(told.statement), Classification.MEMBERS, at)
        rules = settings_of(self.runtime.settings).proposal_rules
        async with self.runtime.transaction() as tx:
            await self.runtime.publish(tx, await record_statements(tx, [published], rules))
