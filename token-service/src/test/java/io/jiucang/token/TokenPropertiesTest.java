package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.BUYER;
import static io.jiucang.token.TokenFixtures.ORDER;
import static io.jiucang.token.TokenFixtures.OTHER_BUYER;
import static io.jiucang.token.TokenFixtures.OTHER_ORDER;
import static io.jiucang.token.TokenFixtures.PLAN;
import static io.jiucang.token.TokenFixtures.boxCode;
import static io.jiucang.token.TokenFixtures.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.TokenEvent.BoxCodeAttached;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.token.TokenCommand.AttachBoxCode;
import io.jiucang.token.TokenCommand.GrantTitle;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;
import org.axonframework.modelling.command.AggregateNotFoundException;

/** I2 through any history of one token: one case, one order, one owner, and no owner without a case. */
class TokenPropertiesTest {

    private static final LedgerReference SALE = new LedgerReference(Ids.next(), 4, 9);
    private static final LedgerReference RELEASE = new LedgerReference(Ids.next(), 7, 9);

    @Property(tries = 100)
    void hasExactlyOneOwnerAtMostOnce(@ForAll("commands") List<TokenCommand> commands) {
        Configuration axon = DefaultConfigurer.defaultConfiguration(false)
                .configureEmbeddedEventStore(c -> new InMemoryEventStorageEngine())
                .configureAggregate(Token.class)
                .buildConfiguration();
        List<Object> told = new ArrayList<>();
        axon.eventStore().subscribe(events -> events.forEach(event -> told.add(event.getPayload())));
        axon.start();
        try {
            for (TokenCommand command : commands) {
                int before = told.size();
                try {
                    axon.commandGateway().sendAndWait(command);
                } catch (TokenRejected | AggregateNotFoundException e) {
                    assertThat(told).hasSize(before);
                }
            }
        } finally {
            axon.shutdown();
        }

        assertThat(told).filteredOn(BoxCodeAttached.class::isInstance).hasSizeLessThanOrEqualTo(1);
        assertThat(told).filteredOn(TokenGranted.class::isInstance).hasSizeLessThanOrEqualTo(1);
        for (Object event : told) {
            if (event instanceof TokenGranted granted) {
                assertThat(told.getFirst())
                        .isInstanceOfSatisfying(
                                BoxCodeAttached.class,
                                attached -> assertThat(granted.orderId()).isEqualTo(attached.orderId()));
            }
        }
    }

    @Provide
    Arbitrary<List<TokenCommand>> commands() {
        return Arbitraries.<TokenCommand>of(
                        new AttachBoxCode(token(1), PLAN, ORDER, boxCode(1)),
                        new AttachBoxCode(token(1), PLAN, ORDER, boxCode(2)),
                        new AttachBoxCode(token(1), PLAN, OTHER_ORDER, boxCode(1)),
                        new GrantTitle(token(1), ORDER, BUYER, SALE, RELEASE),
                        new GrantTitle(token(1), ORDER, OTHER_BUYER, SALE, RELEASE),
                        new GrantTitle(token(1), OTHER_ORDER, OTHER_BUYER, SALE, RELEASE))
                .list()
                .ofMaxSize(12);
    }
}
