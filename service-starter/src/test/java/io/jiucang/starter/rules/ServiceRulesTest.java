package io.jiucang.starter.rules;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.simulators.oidc.User;
import io.jiucang.starter.test.ServiceRules;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.deadline.DeadlineMessage;
import org.axonframework.deadline.annotation.DeadlineHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.saga.SagaEventHandler;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;

/** Each rule names what breaks it, and nothing else. */
class ServiceRulesTest {

    /** Not nested and not run by itself: it judges what a test gives it. */
    private static final class Judge extends ServiceRules {

        private final Class<?>[] classes;

        Judge(Class<?>... classes) {
            this.classes = classes;
        }

        @Override
        protected JavaClasses imported() {
            return new ClassFileImporter().importClasses(classes);
        }
    }

    static Stream<Arguments> violations() {
        return Stream.of(
                violation(ServiceRules::dependsOnNoOtherService, Neighbour.class, "oidc.User"),
                violation(
                        ServiceRules::theDomainAsksNoClockAndDrawsNoLots, LateAggregate.class, "java.time.Instant.now"),
                violation(
                        ServiceRules::theDomainAsksNoClockAndDrawsNoLots,
                        ClockedAggregate.class,
                        "java.time.Clock.instant"),
                violation(
                        ServiceRules::theDomainAsksNoClockAndDrawsNoLots,
                        TimedPolicy.class,
                        "System.currentTimeMillis"),
                violation(ServiceRules::theDomainAsksNoClockAndDrawsNoLots, LuckySaga.class, "SecureRandom"),
                violation(ServiceRules::theDomainAsksNoClockAndDrawsNoLots, UniquePolicy.class, "UUID.randomUUID"),
                violation(ServiceRules::theDomainAsksNoClockAndDrawsNoLots, NumberingPolicy.class, "Ids.next"),
                violation(ServiceRules::everyDeadlineIsHandled, DeafSaga.class, "DeafSaga.onOverdue"),
                violation(
                        ServiceRules::everyRequestNamesWhoMaySendIt,
                        ForgottenController.class,
                        "ForgottenController.get"),
                violation(
                        ServiceRules::everyRequestNamesWhoMaySendIt,
                        HalfOpenController.class,
                        "HalfOpenController.forgotten"),
                violation(ServiceRules::namesAreOfTheField, OrderManager.class, "OrderManager"),
                violation(ServiceRules::namesAreOfTheField, CancelOrderCommand.class, "CancelOrderCommand"),
                violation(ServiceRules::namesAreOfTheField, MutableOrder.class, "MutableOrder"),
                violation(ServiceRules::showsNothingThatNobodyElseNeeds, TooPublic.class, "TooPublic"));
    }

    private static Arguments violation(Consumer<ServiceRules> rule, Class<?> violator, String named) {
        return Arguments.of(rule, violator, named);
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("violations")
    void namesWhatBreaksARule(Consumer<ServiceRules> rule, Class<?> violator, String named) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> rule.accept(new Judge(Good.class, violator)))
                .withMessageContaining(named);
    }

    static Stream<Consumer<ServiceRules>> rules() {
        return Stream.of(
                ServiceRules::dependsOnNoOtherService,
                ServiceRules::theDomainAsksNoClockAndDrawsNoLots,
                ServiceRules::everyDeadlineIsHandled,
                ServiceRules::everyRequestNamesWhoMaySendIt,
                ServiceRules::namesAreOfTheField,
                ServiceRules::showsNothingThatNobodyElseNeeds);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void letsTheRestBe(Consumer<ServiceRules> rule) {
        assertThatCode(() -> rule.accept(new Judge(
                        Good.class,
                        GivenAClockPolicy.class,
                        HearingSaga.class,
                        OrderCommand.class,
                        PlaceOrder.class,
                        GuardedController.class,
                        PublicController.class,
                        OrderApplication.class)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void failsWhereThereIsNothingToJudge(Consumer<ServiceRules> rule) {
        assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> rule.accept(new Judge()));
    }

    static class Good {
        @AggregateIdentifier
        private OrderId orderId = new OrderId("01890000-0000-7000-8000-000000000001");

        void on(OrderPlaced event) {
            orderId = event.orderId();
        }

        OrderId orderId() {
            return orderId;
        }
    }

    static class GivenAClockPolicy {
        Instant at(Clock clock, Supplier<String> ids) {
            long begun = System.nanoTime();
            return clock.instant().plusSeconds(ids.get().length()).plusNanos(System.nanoTime() - begun);
        }
    }

    sealed interface OrderCommand {}

    record PlaceOrder(OrderId orderId) implements OrderCommand {}

    record CancelOrderCommand(OrderId orderId) implements OrderCommand {}

    static final class MutableOrder implements OrderCommand {}

    static class Neighbour {
        User user(User user) {
            return user;
        }
    }

    static class LateAggregate {
        @AggregateIdentifier
        private final Instant id = Instant.now();

        Instant id() {
            return id;
        }
    }

    static class ClockedAggregate {
        @AggregateIdentifier
        private final String id = "";

        String at(Clock clock) {
            return id + clock.instant();
        }
    }

    static class LuckySaga {
        @SagaEventHandler(associationProperty = "orderId")
        int on(OrderPlaced event) {
            return new SecureRandom().nextInt();
        }
    }

    static class DeafSaga {
        @DeadlineHandler(deadlineName = "overdue")
        void onOverdue(CommandGateway commands) {
            commands.sendAndWait("never");
        }
    }

    static class HearingSaga {
        @DeadlineHandler(deadlineName = "overdue")
        void onOverdue(DeadlineMessage<?> deadline, CommandGateway commands) {
            commands.sendAndWait(deadline.getDeadlineName());
        }

        @DeadlineHandler(deadlineName = "of an order")
        void onOverdue(OrderId orderId) {}

        @DeadlineHandler(deadlineName = "of nothing")
        void onOverdue() {}
    }

    static class UniquePolicy {
        Supplier<UUID> ids() {
            return UUID::randomUUID;
        }
    }

    static class TimedPolicy {
        long now() {
            return System.currentTimeMillis();
        }
    }

    static class NumberingPolicy {
        String next() {
            return Ids.next();
        }
    }

    static class ForgottenController {
        @GetMapping("/a")
        String get() {
            return "";
        }
    }

    static class HalfOpenController {
        @PreAuthorize("permitAll()")
        @GetMapping("/a")
        String open() {
            return "";
        }

        @PostMapping("/b")
        String forgotten() {
            return "";
        }
    }

    @PreAuthorize("permitAll()")
    static class PublicController {
        @GetMapping("/a")
        String get() {
            return "";
        }
    }

    @PreAuthorize("hasRole('BUYER')")
    static class GuardedController {
        @GetMapping("/a")
        String get() {
            return "";
        }
    }

    static class OrderManager {}

    @ConfigurationProperties("order")
    public static class OrderApplication {}
}
