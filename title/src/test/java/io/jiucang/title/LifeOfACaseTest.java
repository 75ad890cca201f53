package io.jiucang.title;

import static io.jiucang.title.World.LI;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.value.TokenId;
import io.jiucang.title.World.Authorised;
import io.jiucang.title.World.Offered;
import io.jiucang.title.World.Sold;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.statement.Act;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What happens when everybody is honest. */
class LifeOfACaseTest {

    private final World world = World.begun();
    private final Offered offered = world.offer(100);
    private final TokenId token = offered.token(1);

    @Test
    void aCaseIsSoldGrantedHeldShippedAndBurned() {
        assertThat(world.of(token)).isInstanceOf(TokenState.Unsold.class);
        Sold sold = world.sell(world.order(LI, offered, 1), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Sold.class);
        world.grant(sold, world.release(sold, token), token);
        assertThat(world.of(token))
                .isInstanceOfSatisfying(
                        TokenState.Owned.class,
                        owned -> assertThat(owned.deed())
                                .isEqualTo(new TokenState.Deed(
                                        LI.id(), World.box(token), sold.at().leaf())));
        Authorised pickup = world.authorise(LI, token);
        Cite held = world.hold(pickup, token);
        assertThat(world.of(token))
                .isInstanceOfSatisfying(
                        TokenState.Held.class,
                        hold -> assertThat(hold.isOnTheRoad()).isFalse());
        Cite shipped = world.ship(pickup, held, token);
        assertThat(world.of(token))
                .isInstanceOfSatisfying(
                        TokenState.Held.class,
                        hold -> assertThat(hold.isOnTheRoad()).isTrue());
        world.burn(world.deliver(pickup, shipped, token), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Burned.class);
        assertThat(world.state().voids()).isEmpty();
    }

    @Test
    void aCaseThatComesBackIsItsOwnersAgain() {
        world.own(LI, offered, token);
        Authorised pickup = world.send(LI, token);
        world.free(List.of(world.returned(pickup, token)), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Owned.class);
        Authorised again = world.send(LI, token);
        world.burn(world.deliver(again, world.last(), token), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Burned.class);
    }

    @Test
    void aCaseThatWasLostIsFoundOrPaidBack() {
        TokenId other = offered.token(2);
        Sold sold = world.own(LI, offered, token, other);
        Authorised pickup = world.send(LI, token, other);
        world.lose(world.lostOnTheRoad(pickup, token, other), token, other);
        assertThat(world.of(token)).isInstanceOf(TokenState.Lost.class);
        world.find(world.state(new Act.Found(List.of(token))), token);
        assertThat(world.of(token)).isInstanceOf(TokenState.Owned.class);
        Cite burned = world.burn(world.moneyBack(LI, sold.order(), other), other);
        assertThat(world.of(other)).isInstanceOf(TokenState.Burned.class);
        world.told(Service.PAYMENT, World.returnOf(sold.payment(), List.of(burned), other));
    }
}
