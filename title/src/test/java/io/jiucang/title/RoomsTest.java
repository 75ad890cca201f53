package io.jiucang.title;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The rooms of the law have one direction, and no window: no clock, no chance, no I/O, no framework. */
class RoomsTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.jiucang.title");

    @Test
    void roomsHaveOneDirection() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("law")
                .definedBy("io.jiucang.title")
                .layer("event")
                .definedBy("io.jiucang.title.event")
                .layer("directory")
                .definedBy("io.jiucang.title.directory")
                .layer("receipt")
                .definedBy("io.jiucang.title.receipt")
                .layer("statement")
                .definedBy("io.jiucang.title.statement")
                .layer("form")
                .definedBy("io.jiucang.title.form")
                .whereLayer("form")
                .mayNotAccessAnyLayer()
                .whereLayer("statement")
                .mayOnlyAccessLayers("form")
                .whereLayer("receipt")
                .mayOnlyAccessLayers("form")
                .whereLayer("directory")
                .mayOnlyAccessLayers("form", "receipt")
                .whereLayer("event")
                .mayOnlyAccessLayers("directory", "receipt", "statement")
                .ensureAllClassesAreContainedInArchitecture()
                .check(CLASSES);
    }

    @Test
    void theLawAsksNoClockNoChanceAndNoOutside() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "java.io..",
                                "java.net..",
                                "java.nio.file..",
                                "java.sql..",
                                "org.springframework..",
                                "org.axonframework..",
                                "org.apache.kafka..")
                        // A name, whatever its package does.
                        .and(not(equivalentTo(URI.class))))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.Random|java\\.security\\.SecureRandom")
                .check(CLASSES);
    }

    @Test
    void onlyTheLawItselfChangesAState() {
        classes()
                .that()
                .haveSimpleName("TitleState")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAPackage("io.jiucang.title")
                .check(CLASSES);
    }
}
