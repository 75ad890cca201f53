package io.jiucang.title;

import static io.jiucang.title.World.DOCK;
import static io.jiucang.title.World.LI;
import static io.jiucang.title.World.WANG;
import static io.jiucang.title.World.assertValid;
import static io.jiucang.title.World.assertVoid;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Document;
import io.jiucang.title.directory.Document.ServiceEntry;
import io.jiucang.title.directory.Document.ServiceKey;
import io.jiucang.title.directory.Document.Winery;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.statement.Act;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** K1, K3 to K5: whose keys count, and when. */
class KeyCasesTest {

    @Test
    void aKeySignsNothingAfterItsEnd() {
        World world = World.under(withWinery(Duration.ofHours(2)));
        world.pass(Duration.ofHours(1));
        String before = world.party(Parties.WINERY, world.offerOf(10));
        assertValid(world.tell(Service.TOKEN, new LawEvent.SalesPlanCreated(before)));
        String datedBack = world.party(Parties.WINERY, world.offerOf(10));
        world.pass(Duration.ofHours(1));
        assertVoid(Rule.PARTY_KEY, world.tell(Service.TOKEN, new LawEvent.SalesPlanCreated(datedBack)));
        // What was anchored in time stays good.
        assertThat(world.state().plans()).hasSize(1);
    }

    @Test
    void aServicesKeyTellsNothingAfterItsEnd() {
        World world = World.under(withTokenKey(Duration.ofHours(2)));
        String offer = world.party(Parties.WINERY, world.offerOf(10));
        world.pass(Duration.ofHours(3));
        assertVoid(Rule.PARTY_KEY, world.tell(Service.TOKEN, new LawEvent.SalesPlanCreated(offer)));
    }

    @Test
    void onlyTheServiceNamedTellsAnEvent() {
        World world = World.begun();
        String offer = world.party(Parties.WINERY, world.offerOf(10));
        LawEvent event = new LawEvent.SalesPlanCreated(offer);
        for (Service service : Service.values()) {
            if (service != Service.TOKEN) {
                assertVoid(Rule.TELLER, world.tell(service, event));
            }
        }
        Leaf honest = world.leaf(Service.TOKEN, event);
        String stolen = Parties.keyOf(Service.ORDER);
        assertVoid(Rule.PARTY_KEY, world.tell(new Leaf(honest.index(), honest.hash(), Service.TOKEN, stolen, event)));
        assertValid(world.tell(Service.TOKEN, event));
    }

    @Test
    void anUnreadableEventIsVoid() {
        World world = World.begun();
        assertVoid(Rule.TELLER, world.tell(Service.TOKEN, new LawEvent.Unreadable("TokensSold", "a token twice")));
    }

    @Test
    void anOlderKeyPutsAYoungerOneOutAtOnce() {
        World world = World.begun();
        Actor phone = Actor.called("phone");
        Actor tablet = Actor.called("tablet");
        world.endorse(LI, phone);
        world.endorse(LI, tablet);
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.KeyRevoked(world.wallet(LI.id(), tablet, new Act.KeyRevocation(phone.id())))));
        world.revoke(LI, phone);
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.KeyEndorsed(world.wallet(LI.id(), phone, new Act.KeyEndorsement(phone.key())))));
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.KeyEndorsed(world.wallet(LI, new Act.KeyEndorsement(phone.key())))));
    }

    @Test
    void aWalletIsNotLeftWithoutAnyKey() {
        World world = World.begun();
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(Service.TOKEN, new LawEvent.KeyRevoked(world.wallet(LI, new Act.KeyRevocation(LI.id())))));
    }

    @Test
    void aWalletIsItsFirstKeysThumbprint() {
        World world = World.begun();
        Actor thief = Actor.called("thief");
        Act birth = new Act.WalletBirth(thief.key(), List.of());
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(Service.TOKEN, new LawEvent.WalletBorn(world.wallet(LI.id(), thief, birth))));
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.WalletBorn(world.wallet(LI, new Act.WalletBirth(LI.key(), List.of())))));
    }

    @Test
    void aTerminalCountsFromItsEnrolmentToItsWithdrawal() {
        World world = World.begun();
        Actor stranger = Actor.called("stranger");
        Act enrolment = new Act.DockEnrolment(stranger.key(), Parties.SITE);
        // A carrier has no docks, a wallet no terminals, and no party a site of another's.
        assertVoid(
                Rule.TERMINAL,
                world.tell(Service.LEDGER, new LawEvent.TerminalEnrolled(world.party(Parties.CARRIER, enrolment))));
        assertVoid(
                Rule.TERMINAL,
                world.tell(
                        Service.LEDGER,
                        new LawEvent.TerminalEnrolled(
                                world.party(Parties.WAREHOUSE, new Act.DockEnrolment(stranger.key(), "nowhere")))));
        world.enrol(Parties.WAREHOUSE, enrolment);
        Act withdrawal = new Act.TerminalWithdrawal(stranger.id());
        assertVoid(
                Rule.TERMINAL,
                world.tell(Service.LEDGER, new LawEvent.TerminalWithdrawn(world.party(Parties.CARRIER, withdrawal))));
        world.withdraw(Parties.WAREHOUSE, stranger);
        assertVoid(
                Rule.TERMINAL,
                world.tell(Service.LEDGER, new LawEvent.TerminalWithdrawn(world.party(Parties.WAREHOUSE, withdrawal))));
        assertVoid(
                Rule.TERMINAL,
                world.tell(Service.LEDGER, new LawEvent.TerminalEnrolled(world.party(Parties.WAREHOUSE, enrolment))));
        assertVoid(
                Rule.PARTY_KEY,
                world.tell(
                        Service.LEDGER,
                        new LawEvent.TerminalWithdrawn(world.terminal(DOCK, new Act.TerminalWithdrawal(DOCK.id())))));
    }

    @Test
    void aLaterDirectoryOfTheRootsStopsThisReader() {
        World world = World.begun();
        byte[] payload = new String(Directory.write(Parties.document()), UTF_8)
                .replace("\"number\":1", "\"number\":2")
                .getBytes(UTF_8);
        LawEvent second = new LawEvent.DirectoryVersion(Parties.signed(payload, "root"));
        assertThatThrownBy(() -> world.tell(Service.LEDGER, second))
                .isInstanceOfSatisfying(
                        ReaderStopped.class,
                        stopped -> assertThat(stopped.rule()).isEqualTo(Rule.DIRECTORY));
        // From anybody else it is void, and so is the first one, again.
        World other = World.begun();
        assertVoid(
                Rule.DIRECTORY,
                other.tell(Service.LEDGER, new LawEvent.DirectoryVersion(Parties.signed(payload, "thief"))));
        assertVoid(
                Rule.DIRECTORY,
                other.tell(Service.LEDGER, new LawEvent.DirectoryVersion(Parties.signed(Parties.document()))));
    }

    @Test
    void strangersWalletsAreNobodys() {
        World world = World.begun();
        Actor unborn = Actor.called("unborn");
        var offered = world.offer(10);
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(unborn, world.orderOf(offered, 1)))));
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(
                        Service.ORDER,
                        new LawEvent.OrderPlaced(world.wallet(LI.id(), WANG, world.orderOf(offered, 1)))));
    }

    private static Document withWinery(Duration until) {
        Document usual = Parties.document();
        Winery winery = usual.wineries().getFirst();
        return with(
                usual.services(),
                List.of(new Winery(
                        winery.id(), Parties.keys(Parties.WINERY, World.START.plus(until)), winery.accounts())));
    }

    private static Document withTokenKey(Duration until) {
        Document usual = Parties.document();
        UnaryOperator<ServiceEntry> shorten = entry -> entry.name() == Service.TOKEN
                ? new ServiceEntry(
                        entry.name(),
                        List.of(new ServiceKey(entry.keys().getFirst().key(), World.START.plus(until))))
                : entry;
        return with(usual.services().stream().map(shorten).toList(), usual.wineries());
    }

    private static Document with(List<ServiceEntry> services, List<Winery> wineries) {
        Document usual = Parties.document();
        return new Document(
                usual.law(),
                usual.number(),
                usual.origin(),
                usual.parameters(),
                services,
                wineries,
                usual.warehouses(),
                usual.carriers(),
                usual.providers());
    }
}
