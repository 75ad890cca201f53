package io.jiucang.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The project as these tests see it: its compiled main classes and its files. */
final class Project {

    static final Path ROOT = root();

    static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.jiucang");

    private static final Set<String> NOT_OURS = Set.of("target", ".git", ".jiucang", ".idea", ".vscode");

    private Project() {}

    private static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("run"))) {
            directory = Objects.requireNonNull(directory.getParent(), "run within the project");
        }
        return directory;
    }

    /** Every file but what is built, downloaded or a person's own, relative to {@link #ROOT}. */
    static List<Path> files() {
        try (var files = Files.find(ROOT, 20, (file, attributes) -> attributes.isRegularFile())) {
            return files.map(ROOT::relativize).filter(Project::isOurs).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOurs(Path file) {
        for (Path part : file) {
            if (NOT_OURS.contains(part.toString())) {
                return false;
            }
        }
        return true;
    }

    static String read(Path file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of every Java source of the services and libraries, with their settings and resources. */
    static String sources() {
        return files().stream()
                .filter(file -> file.toString().contains("/src/main/"))
                .filter(file -> file.toString().matches(".*\\.(java|yaml|properties|sql|md)"))
                .map(Project::read)
                .collect(Collectors.joining("\n"));
    }

    /** Simple names of all main and test classes, nested ones included. */
    static Set<String> classNames() {
        Set<String> names = CLASSES.stream().map(JavaClass::getSimpleName).collect(Collectors.toSet());
        files().stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(".java"))
                .map(name -> name.replace(".java", ""))
                .forEach(names::add);
        return names;
    }
}
