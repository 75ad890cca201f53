package io.jiucang.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.starter.Rejection;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RestController;

/** The rules of the code's structure. A rule that finds nothing to judge fails. */
class ArchitectureTest {

    private static final String[] SERVICES = {
        "io.jiucang.token..",
        "io.jiucang.order..",
        "io.jiucang.payment..",
        "io.jiucang.warehouse..",
        "io.jiucang.delivery..",
        "io.jiucang.anchoring.."
    };

    private static final DescribedPredicate<JavaClass> COMMANDS = describe(
            "commands",
            type -> type.isRecord()
                    && type.getRawInterfaces().stream()
                            .anyMatch(parent -> parent.getSimpleName().endsWith("Command")));

    private static final DescribedPredicate<JavaClass> EVENTS =
            describe("events", type -> type.isRecord() && type.isAssignableTo(DomainEvent.class));

    @Test
    void roomsOfTheStarterHaveOneDirection() {
        hold(layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("start")
                .definedBy("io.jiucang.starter")
                .layer("store")
                .definedBy("io.jiucang.starter.store")
                .layer("time")
                .definedBy("io.jiucang.starter.time")
                .layer("wallet")
                .definedBy("io.jiucang.starter.wallet")
                .layer("web")
                .definedBy("io.jiucang.starter.web")
                .layer("inbox")
                .definedBy("io.jiucang.starter.inbox")
                .whereLayer("start")
                .mayNotAccessAnyLayer()
                .whereLayer("store")
                .mayOnlyAccessLayers("start")
                .whereLayer("time")
                .mayOnlyAccessLayers("start", "store")
                .whereLayer("wallet")
                .mayOnlyAccessLayers("start")
                .whereLayer("web")
                .mayOnlyAccessLayers("start", "store")
                .whereLayer("inbox")
                .mayOnlyAccessLayers("start", "store", "web"));
    }

    @Test
    void roomsOfTheContractsHaveOneDirection() {
        hold(layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("values")
                .definedBy("io.jiucang.events.value")
                .layer("contracts")
                .definedBy("io.jiucang.events")
                .layer("envelopes")
                .definedBy("io.jiucang.events.envelope")
                .whereLayer("values")
                .mayNotAccessAnyLayer()
                .whereLayer("contracts")
                .mayOnlyAccessLayers("values")
                .whereLayer("envelopes")
                .mayOnlyAccessLayers("contracts", "values"));
    }

    @Test
    void dependenciesPointOneWay() {
        hold(layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("common-events")
                .definedBy("io.jiucang.events..")
                .layer("ledger")
                .definedBy("io.jiucang.ledger..")
                .layer("title")
                .definedBy("io.jiucang.title..")
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
                .layer("delivery-service")
                .definedBy("io.jiucang.delivery..")
                .layer("ledger-service")
                .definedBy("io.jiucang.anchoring..")
                .layer("quickstart")
                .definedBy("io.jiucang.quickstart..")
                .whereLayer("common-events")
                .mayNotAccessAnyLayer()
                .whereLayer("ledger")
                .mayNotAccessAnyLayer()
                .whereLayer("title")
                .mayOnlyAccessLayers("common-events", "ledger")
                .whereLayer("embedded")
                .mayNotAccessAnyLayer()
                .whereLayer("simulators")
                .mayNotAccessAnyLayer()
                .whereLayer("service-starter")
                .mayOnlyAccessLayers("title", "common-events", "ledger")
                .whereLayer("token-service")
                .mayOnlyAccessLayers("service-starter", "common-events", "ledger", "title")
                .whereLayer("order-service")
                .mayOnlyAccessLayers("service-starter", "title", "common-events", "ledger")
                .whereLayer("payment-service")
                .mayOnlyAccessLayers("service-starter", "title", "common-events", "ledger")
                .whereLayer("warehouse-service")
                .mayOnlyAccessLayers("service-starter", "title", "common-events", "ledger")
                .whereLayer("delivery-service")
                .mayOnlyAccessLayers("service-starter", "title", "common-events", "ledger")
                .whereLayer("ledger-service")
                .mayOnlyAccessLayers("service-starter", "title", "common-events", "ledger")
                .ensureAllClassesAreContainedInArchitecture());
    }

    @Test
    void contractsLedgerAndServersNeedNoSpring() {
        hold(noClasses()
                .that()
                .resideInAnyPackage(
                        "io.jiucang.events..",
                        "io.jiucang.ledger..",
                        "io.jiucang.title..",
                        "io.jiucang.embedded..",
                        "io.jiucang.simulators..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "org.axonframework.."));
    }

    /** What holds within one service, its own tests hold, all by the same rules of the starter. */
    @Test
    void everyServiceIsHeldToTheRulesOfAService() {
        List<Class<?>> applications = Endpoint.applications();
        assertThat(applications)
                .hasSameSizeAs(SERVICES)
                .allSatisfy(application -> assertThat(Project.files())
                        .as(application.getPackageName())
                        .anyMatch(file -> file.toString()
                                        .contains("/src/test/java/"
                                                + application.getPackageName().replace('.', '/') + "/")
                                && file.toString().endsWith("RulesTest.java")
                                && Project.read(file).contains("extends ServiceRules")));
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

    /** But for what is rather there than happens, under the names that the law has for it. */
    @Test
    void eventsAreInThePastTense() {
        hold(classes()
                .that(EVENTS)
                .should()
                .haveNameMatching(
                        ".+(ed|Born|Sold|Undone|Paid|Withdrawn|Due|Overdue|Lost|Tick|DirectoryVersion)(V[0-9]+)?")
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
