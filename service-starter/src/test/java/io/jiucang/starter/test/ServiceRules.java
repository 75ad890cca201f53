package io.jiucang.starter.test;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.jiucang.events.value.Ids;
import java.time.Clock;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.axonframework.deadline.annotation.DeadlineHandler;
import org.axonframework.messaging.Message;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.saga.SagaEventHandler;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.RequestMapping;

/**
 * How every service is built, held by a test in the service's package:
 *
 * <pre>{@code
 * class OrderRulesTest extends ServiceRules {}
 * }</pre>
 */
public abstract class ServiceRules {

    private static final String SUFFIXES = ".*(Impl|Manager|Helper|Utils|Util|Dto|DTO)";

    /** Fails as well where there is nothing to judge. */
    private void check(ArchCondition<JavaClass> condition) {
        ArchRule rule = classes()
                .that(resideInAnyPackage(getClass().getPackageName() + ".."))
                .should(condition)
                .allowEmptyShould(false);
        rule.check(imported());
    }

    /** The service's own classes: of its tests only what a subclass says. */
    protected JavaClasses imported() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(getClass().getPackageName());
    }

    @Test
    public void dependsOnNoOtherService() {
        String own = getClass().getPackageName();
        check(onlyDependOnClassesThat(describe(
                "are its own, the platform's contracts and libraries, or not ours",
                type -> !type.getPackageName().startsWith("io.jiucang")
                        || Stream.of(
                                        own,
                                        "io.jiucang.events",
                                        "io.jiucang.starter",
                                        "io.jiucang.ledger",
                                        "io.jiucang.title")
                                .anyMatch(allowed -> type.getPackageName().equals(allowed)
                                        || type.getPackageName().startsWith(allowed + ".")))));
    }

    /** So that an aggregate is the same whenever its events are read. */
    @Test
    public void theDomainAsksNoClockAndDrawsNoLots() {
        check(new ArchCondition<>("take time, ids and randomness from its messages") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean aggregate =
                        type.getFields().stream().anyMatch(field -> field.isAnnotatedWith(AggregateIdentifier.class));
                boolean process = type.getSimpleName().endsWith("Policy")
                        || type.getMethods().stream()
                                .anyMatch(method -> method.isMetaAnnotatedWith(SagaEventHandler.class));
                if (aggregate || process) {
                    type.getCodeUnitCallsFromSelf().stream()
                            .filter(call -> asksTheWorld(
                                    call.getTarget().getOwner(),
                                    call.getTarget().getName(),
                                    aggregate))
                            .forEach(call -> events.add(SimpleConditionEvent.violated(type, call.getDescription())));
                    type.getMethodReferencesFromSelf().stream()
                            .filter(call -> asksTheWorld(
                                    call.getTarget().getOwner(),
                                    call.getTarget().getName(),
                                    aggregate))
                            .forEach(call -> events.add(SimpleConditionEvent.violated(type, call.getDescription())));
                }
            }
        });
    }

    /** A policy or saga may be given a clock or a source of ids; an aggregate not even that. A stopwatch is neither. */
    private static boolean asksTheWorld(JavaClass owner, String method, boolean aggregate) {
        return (owner.getPackageName().equals("java.time") && method.equals("now"))
                || (owner.isEquivalentTo(Clock.class) && (aggregate || method.startsWith("system")))
                || (owner.isEquivalentTo(System.class) && method.equals("currentTimeMillis"))
                || (owner.isEquivalentTo(UUID.class) && method.equals("randomUUID"))
                || (owner.isEquivalentTo(Ids.class) && method.equals("next"))
                || (owner.isEquivalentTo(Math.class) && method.equals("random"))
                || owner.isAssignableTo(RandomGenerator.class);
    }

    /** Its first parameter is the payload, whatever its type: a handler that asks for a bean there is never called. */
    @Test
    public void everyDeadlineIsHandled() {
        check(new ArchCondition<>("have the message, or what it carries, first in a deadline's handler") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getMethods().stream()
                        .filter(method -> method.isAnnotatedWith(DeadlineHandler.class))
                        .filter(method -> method.getRawParameterTypes().stream()
                                .limit(1)
                                .anyMatch(first -> !first.isAssignableTo(Message.class)
                                        && !first.getPackageName()
                                                .matches("java[.].*|io[.]jiucang[.]events([.]value)?")))
                        .forEach(method -> events.add(
                                SimpleConditionEvent.violated(type, method.getFullName() + " would never be called")));
            }
        });
    }

    @Test
    public void everyRequestNamesWhoMaySendIt() {
        check(new ArchCondition<>("have @PreAuthorize, permitAll() where everyone may") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getMethods().stream()
                        .filter(method -> method.isMetaAnnotatedWith(RequestMapping.class))
                        .filter(method -> !type.isAnnotatedWith(PreAuthorize.class)
                                && !method.isAnnotatedWith(PreAuthorize.class))
                        .forEach(method -> events.add(
                                SimpleConditionEvent.violated(type, method.getFullName() + " names no role")));
            }
        });
    }

    @Test
    public void namesAreOfTheField() {
        check(named(
                "not carry a suffix that says nothing",
                type -> type.getSimpleName().matches(SUFFIXES)));
        check(named(
                "name a command by what is to be done",
                type -> isCommand(type) && type.getSimpleName().matches(".*(Command|Cmd|Event|Request)")));
        check(named("be a record, as every command", type -> isCommand(type) && !type.isRecord()));
    }

    private static boolean isCommand(JavaClass type) {
        return !type.isInterface()
                && type.getAllRawInterfaces().stream()
                        .anyMatch(parent -> parent.getSimpleName().endsWith("Command"));
    }

    @Test
    public void showsNothingThatNobodyElseNeeds() {
        check(named(
                "be package-private, except the application, its settings, and sagas, which Axon has to make",
                type -> type.isTopLevelClass()
                        && type.getModifiers().contains(JavaModifier.PUBLIC)
                        && !type.getSimpleName().endsWith("Application")
                        && !type.isAnnotatedWith(ConfigurationProperties.class)
                        && type.getMethods().stream()
                                .noneMatch(method -> method.isMetaAnnotatedWith(SagaEventHandler.class))));
    }

    private static ArchCondition<JavaClass> named(String description, Predicate<JavaClass> violated) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (violated.test(type)) {
                    events.add(SimpleConditionEvent.violated(type, type.getFullName() + " should " + getDescription()));
                }
            }
        };
    }
}
