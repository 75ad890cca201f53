package io.jiucang.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.metaAnnotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.Ids;
import io.jiucang.starter.Rejection;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.saga.SagaEventHandler;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.RestController;

/** The rules of the code's structure. A rule that finds nothing to judge fails. */
class ArchitectureTest {

    private static final String[] SERVICES = {
        "io.jiucang.token..",
        "io.jiucang.order..",
        "io.jiucang.payment..",
        "io.jiucang.warehouse..",
        "io.jiucang.anchoring.."
    };

    private static final DescribedPredicate<JavaClass> AGGREGATES = describe(
            "aggregates", type -> type.getFields().stream().anyMatch(annotatedWith(AggregateIdentifier.class)));

    private static final DescribedPredicate<JavaClass> SAGAS =
            describe("sagas", type -> type.getMethods().stream().anyMatch(metaAnnotatedWith(SagaEventHandler.class)));

    private static final DescribedPredicate<JavaClass> POLICIES =
            describe("policies", type -> type.getSimpleName().endsWith("Policy"));

    private static final DescribedPredicate<JavaClass> COMMANDS = describe(
            "commands",
            type -> type.isRecord()
                    && type.getRawInterfaces().stream()
                            .anyMatch(parent -> parent.getSimpleName().endsWith("Command")));

    private static final DescribedPredicate<JavaClass> EVENTS =
            describe("events", type -> type.isRecord() && type.isAssignableTo(DomainEvent.class));

    @Test
    void dependenciesPointOneWay() {
        hold(layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("common-events")
                .definedBy("io.jiucang.events..")
                .layer("ledger")
                .definedBy("io.jiucang.ledger..")
                .layer("embedded")
                .definedBy("io.jiucang.embedded..")
                .layer("simulators")
                .definedBy("io.jiucang.simulators..")
                .layer("service-starter")
                .definedBy("io.jiucang.starter..")
                .layer("token-service")
                .definedBy("io.jiucang.token..")
                .layer("order-service")
                .definedBy("io.jiucang.order..")
                .layer("payment-service")
                .definedBy("io.jiucang.payment..")
                .layer("warehouse-service")
                .definedBy("io.jiucang.warehouse..")
                .layer("ledger-service")
                .definedBy("io.jiucang.anchoring..")
                .layer("quickstart")
                .definedBy("io.jiucang.quickstart..")
                .whereLayer("common-events")
                .mayNotAccessAnyLayer()
                .whereLayer("ledger")
                .mayNotAccessAnyLayer()
                .whereLayer("embedded")
                .mayNotAccessAnyLayer()
                .whereLayer("simulators")
                .mayNotAccessAnyLayer()
                .whereLayer("service-starter")
                .mayOnlyAccessLayers("common-events")
                .whereLayer("token-service")
                .mayOnlyAccessLayers("service-starter", "common-events", "ledger")
                .whereLayer("order-service")
                .mayOnlyAccessLayers("service-starter", "common-events")
                .whereLayer("payment-service")
                .mayOnlyAccessLayers("service-starter", "common-events")
                .whereLayer("warehouse-service")
                .mayOnlyAccessLayers("service-starter", "common-events")
                .whereLayer("ledger-service")
                .mayOnlyAccessLayers("service-starter", "common-events", "ledger")
                .ensureAllClassesAreContainedInArchitecture());
    }

    @Test
    void contractsLedgerAndServersNeedNoSpring() {
        hold(noClasses()
                .that()
                .resideInAnyPackage(
                        "io.jiucang.events..",
                        "io.jiucang.ledger..",
                        "io.jiucang.embedded..",
                        "io.jiucang.simulators..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "org.axonframework.."));
    }

    @Test
    void theDomainAsksForNoTimeIdOrChance() {
        hold(noClasses()
                .that(AGGREGATES.or(SAGAS).or(POLICIES))
                .should()
                .callMethodWhere(
                        describe("the time, an id or chance comes from nowhere", ArchitectureTest::comesFromNowhere))
                .orShould()
                .dependOnClassesThat(assignableTo(Random.class).or(assignableTo(RandomGenerator.class))));
    }

    /** Reading a clock that was handed in is none of these, and neither is a stopwatch. */
    private static boolean comesFromNowhere(JavaAccess<?> call) {
        JavaClass owner = call.getTargetOwner();
        String method = call.getTarget().getName();
        return (owner.getPackageName().equals("java.time") && method.equals("now"))
                || (owner.isEquivalentTo(Clock.class) && method.startsWith("system"))
                || (owner.isEquivalentTo(System.class) && method.equals("currentTimeMillis"))
                || (owner.isEquivalentTo(UUID.class) && method.equals("randomUUID"))
                || (owner.isEquivalentTo(Ids.class) && method.equals("next"));
    }

    @Test
    void aggregatesAreToldTheTimeByTheirCommands() {
        hold(noClasses().that(AGGREGATES).should().dependOnClassesThat().areAssignableTo(Clock.class));
    }

    /** Beneath {@code /api}; whatever else a service's settings do not make public is denied. */
    @Test
    void everyEndpointSaysWhoMayCallIt() {
        List<Endpoint> endpoints = Endpoint.all().stream()
                .filter(endpoint -> endpoint.path().startsWith("/api/"))
                .toList();
        assertThat(endpoints)
                .isNotEmpty()
                .allSatisfy(endpoint ->
                        assertThat(endpoint.allowed()).as(endpoint.toString()).isPresent());
    }

    @Test
    void controllersAreOnlyInServicesAndTheStarter() {
        hold(classes()
                .that()
                .areAnnotatedWith(RestController.class)
                .should()
                .haveSimpleNameEndingWith("Controller")
                .andShould()
                .bePackagePrivate());
    }

    /** It retries on other topics, so that later events of a key overtake it. */
    @Test
    void noTopicIsRetriedOutOfOrder() {
        hold(classes()
                .should()
                .onlyDependOnClassesThat(describe(
                        "are not spring-kafka's retry topics",
                        type -> !type.getPackageName().startsWith("org.springframework.kafka.retrytopic")
                                && !type.getSimpleName().equals("RetryableTopic"))));
    }

    @Test
    void servicesKeepTheirClassesToThemselves() {
        hold(classes()
                .that()
                .resideInAnyPackage(SERVICES)
                .and()
                .areTopLevelClasses()
                .and(DescribedPredicate.not(annotatedWith(SpringBootApplication.class)))
                // Axon makes sagas by reflection, and only public ones.
                .and(DescribedPredicate.not(SAGAS))
                .should()
                .bePackagePrivate());
    }

    @Test
    void servicesHaveOneFlatPackageAndOneException() {
        hold(classes()
                .that()
                .areAssignableTo(Rejection.class)
                .and()
                .resideInAnyPackage(SERVICES)
                .should()
                .haveSimpleNameEndingWith("Rejected"));
        for (String service : SERVICES) {
            String name = service.substring(0, service.length() - 2);
            hold(classes().that().resideInAPackage(service).should().resideInAPackage(name));
        }
    }

    @Test
    void namesSayWhatThingsAre() {
        hold(noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveNameMatching(".*(Manager|Helper|Utils?|Dto|DTO)"));
        hold(noClasses().that().areInterfaces().should().haveNameMatching(".*\\.I[A-Z][a-z]\\w*"));
    }

    @Test
    void commandsAreImperativeAndLiveInTheirAggregatesFile() {
        hold(classes()
                .that(COMMANDS)
                .should()
                .haveNameMatching("[\\w.]+\\.\\w+Command\\$[A-Z]\\w+")
                .andShould(notEndIn("Command", "Event", "ed")));
    }

    @Test
    void eventsAreInThePastTense() {
        hold(classes()
                .that(EVENTS)
                .should()
                .haveNameMatching(".+(ed|Sold|Paid|Withdrawn|Due)(V[0-9]+)?")
                .andShould(notEndIn("Event")));
    }

    private static ArchCondition<JavaClass> notEndIn(String... endings) {
        return new ArchCondition<>("not end in " + Set.of(endings)) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (String ending : endings) {
                    events.add(new SimpleConditionEvent(
                            type, !type.getSimpleName().endsWith(ending), type.getName() + " ends in " + ending));
                }
            }
        };
    }

    private static void hold(ArchRule rule) {
        rule.check(Project.CLASSES);
    }
}
