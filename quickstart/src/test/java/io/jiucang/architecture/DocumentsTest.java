package io.jiucang.architecture;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import io.jiucang.events.Topics;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Whatever the documents name is there: files, commands, endpoints, topics, settings, classes, events. */
class DocumentsTest {

    private static final int README_LINES = 150;
    private static final int MODULE_README_LINES = 40;

    private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)(#[^)]*)?\\)");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern PATH = Pattern.compile("[\\w.-]+(/[\\w.-]+)+/?");
    private static final Pattern RUN = Pattern.compile("\\./run ([a-z]+)");
    private static final Pattern MODULE = Pattern.compile("mvn [^\n`]*-pl ([a-z-]+)");
    private static final Pattern TEST = Pattern.compile("-Dtest=(\\w+)");
    private static final Pattern REQUEST =
            Pattern.compile("\\b(GET|POST|PUT|PATCH|DELETE) (?:\\{\\{[\\w-]+}})?(/(?:\\{\\{.*?}}|[^\\s`?,])+)");
    private static final Pattern TOPIC =
            Pattern.compile("[a-z]+\\.(?:events|dead-letters|anchors)\\.v[0-9]+|evidence\\.v[0-9]+");
    private static final Pattern SETTING = Pattern.compile("(?<![\\w./])jiucang(?!\\.local/)(?:\\.[a-z][a-z-]+)+");
    private static final Pattern CLASS = Pattern.compile("[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]+)+");

    /** The simulators have no mappings; these are the texts their routes are made of. */
    private static final String SIMULATORS = Project.files().stream()
            .filter(file -> file.startsWith("simulators/src/main"))
            .map(Project::read)
            .collect(joining("\n"));

    private static final String SOURCES = Project.sources();
    private static final Set<String> CLASSES = Project.classNames();

    static Stream<Path> documents() {
        return Project.files().stream()
                .filter(file ->
                        file.toString().endsWith(".md") || file.toString().endsWith(".http"))
                .filter(file -> !file.toString().contains("/src/"));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksAndPathsLeadSomewhere(Path document) {
        Path directory = Project.ROOT.resolve(document).resolveSibling("");
        List<String> dead = new ArrayList<>();
        for (String target : found(LINK, document)) {
            if (!target.startsWith("https://") && !Files.exists(directory.resolve(target))) {
                dead.add(target);
            }
        }
        for (String code : found(CODE, document)) {
            for (MatchResult path : PATH.matcher(code).results().toList()) {
                String first = path.group().substring(0, path.group().indexOf('/'));
                boolean ours = path.start() == 0
                        && !first.startsWith(".")
                        && Stream.of(Project.ROOT, directory).anyMatch(base -> Files.isDirectory(base.resolve(first)));
                if (ours
                        && Stream.of(Project.ROOT, directory)
                                .noneMatch(base -> Files.exists(base.resolve(path.group())))) {
                    dead.add(path.group());
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void commandsExist(Path document) {
        Set<String> commands = Pattern.compile("(?m)^([a-z| ]+)[a-z-| ]*\\)$")
                .matcher(Project.read(Path.of("run")))
                .results()
                .flatMap(label -> Arrays.stream(label.group(1).split(" *\\| *")))
                .collect(toSet());
        assertThat(commands).contains("demo", "up", "test");
        assertThat(found(RUN, document)).isSubsetOf(commands);
        assertThat(found(MODULE, document))
                .allSatisfy(module -> assertThat(Project.ROOT.resolve(module).resolve("pom.xml"))
                        .exists());
        assertThat(found(TEST, document)).isSubsetOf(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void requestsAreServed(Path document) {
        List<String> unknown = REQUEST.matcher(Project.read(document))
                .results()
                .filter(request -> !isServed(request.group(1), request.group(2)))
                .map(MatchResult::group)
                .toList();
        assertThat(unknown).isEmpty();
    }

    private static boolean isServed(String verb, String path) {
        String plain = path.replaceAll("\\{\\{.*?}}|\\{.*?}|<.*?>", "x").replaceAll("\\[.*", "");
        boolean byAService = Endpoint.all().stream()
                .anyMatch(endpoint -> endpoint.verb().equals(verb)
                        && plain.matches(endpoint.path().replace("**", ".+").replaceAll("\\{\\w+}", "[^/]+")));
        boolean byASimulator = Arrays.stream(plain.split("/"))
                .filter(segment -> !segment.isEmpty() && !segment.equals("x"))
                .allMatch(segment -> Pattern.compile("[\"/ ]" + Pattern.quote(segment) + "[\"/]")
                        .matcher(SIMULATORS)
                        .find());
        return byAService || (!plain.startsWith("/api/") && byASimulator);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void topicsExist(Path document) {
        Set<String> topics = Endpoint.applications().stream()
                .map(Endpoint::serviceOf)
                .map(service -> service.replace("-service", ""))
                .flatMap(service -> Stream.of(Topics.topicOf(service), Topics.deadLettersOf(service)))
                .collect(toSet());
        topics.add(Topics.EVIDENCE);
        assertThat(found(TOPIC, document)).isSubsetOf(topics);
    }

    /** A setting is a component of a settings record; a metric stands in the code as it is. */
    @ParameterizedTest
    @MethodSource("documents")
    void settingsAndMetricsExist(Path document) {
        Set<String> settings = Project.CLASSES.stream()
                .filter(type -> type.isAnnotatedWith(ConfigurationProperties.class))
                .map(JavaClass::reflect)
                .flatMap(DocumentsTest::settings)
                .collect(toSet());
        assertThat(settings).isNotEmpty();
        assertThat(found(SETTING, document).stream()
                        .filter(name -> !settings.contains(name) && !SOURCES.contains('"' + name + '"')))
                .isEmpty();
    }

    private static Stream<String> settings(Class<?> type) {
        return settings(type.getAnnotation(ConfigurationProperties.class).value(), type);
    }

    /** The prefix alone stands for all of them. */
    private static Stream<String> settings(String prefix, Class<?> type) {
        return type.isRecord()
                ? Stream.concat(
                        Stream.of(prefix),
                        Arrays.stream(type.getRecordComponents())
                                .flatMap(setting ->
                                        settings(prefix + "." + kebab(setting.getName()), setting.getType())))
                : Stream.of(prefix);
    }

    private static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void classesAndEventsExist(Path document) {
        List<String> unknown = found(CODE, document).stream()
                .map(code -> code.replaceAll("[.({<#].*|V[0-9]+$", ""))
                .filter(CLASS.asMatchPredicate())
                .filter(name -> !CLASSES.contains(name))
                .toList();
        assertThat(unknown).isEmpty();
    }

    @Test
    void documentsAreShort() {
        assertThat(Project.read(Path.of("README.md")).lines()).hasSizeLessThanOrEqualTo(README_LINES);
        List<Path> ofModules = documents()
                .filter(file -> file.getNameCount() == 2 && file.endsWith("README.md"))
                .toList();
        assertThat(ofModules)
                .isNotEmpty()
                .allSatisfy(file -> assertThat(Project.read(file).lines())
                        .as(file.toString())
                        .hasSizeLessThanOrEqualTo(MODULE_README_LINES));
    }

    @Test
    void theReadmeNamesEveryModule() {
        List<String> modules = Pattern.compile("<module>(.*?)</module>")
                .matcher(Project.read(Path.of("pom.xml")))
                .results()
                .map(module -> module.group(1))
                .toList();
        assertThat(modules).isNotEmpty();
        assertThat(Project.read(Path.of("README.md"))).contains(modules);
    }

    @Test
    void decisionsAreNumberedAndTitledAlike() {
        List<Path> decisions =
                documents().filter(file -> file.startsWith("docs/adr")).toList();
        assertThat(decisions).isNotEmpty();
        for (int i = 0; i < decisions.size(); i++) {
            assertThat(decisions.get(i).getFileName().toString()).startsWith(String.format("%04d-", i + 1));
            assertThat(Project.read(decisions.get(i))).startsWith("# " + (i + 1) + ". ");
        }
    }

    @Test
    void theGlossarysTermsAreThoseOfTheCodeAndTexts() {
        String texts = documents()
                .filter(file -> !file.endsWith("glossary.md"))
                .map(Project::read)
                .collect(joining("\n"));
        String used = (SOURCES + texts).toLowerCase(Locale.ROOT).replaceAll("\\W+", " ");
        List<String> terms = Pattern.compile("(?m)^\\| ([a-z][^|]*) \\|")
                .matcher(Project.read(Path.of("docs/glossary.md")))
                .results()
                .flatMap(row -> Arrays.stream(row.group(1).split(", ")))
                .toList();
        assertThat(terms).isNotEmpty();
        assertThat(terms.stream()
                        .filter(term -> !Pattern.compile("\\b" + term + "(?:s|ed|ing)?\\b")
                                .matcher(used)
                                .find()))
                .isEmpty();
    }

    /** What works for one person only has no place here: their machine's directories, their own package servers. */
    @Test
    void nothingIsTiedToAMachine() {
        Pattern home = Pattern.compile("(?<![\\w.}])/(?:root|home|Users|work)/\\w");
        Pattern server = Pattern.compile("<(?:repository|pluginRepository|mirror|distributionManagement)>");
        List<String> tied = new ArrayList<>();
        for (Path file : Project.files()) {
            String text = text(file);
            home.matcher(text).results().forEach(place -> tied.add(file + ": " + place.group()));
            if (file.endsWith("pom.xml")) {
                server.matcher(text).results().forEach(place -> tied.add(file + ": " + place.group()));
            }
        }
        assertThat(tied).isEmpty();
    }

    /** Empty for what is no text. */
    private static String text(Path file) {
        try {
            return Project.read(file);
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof MalformedInputException) {
                return "";
            }
            throw e;
        }
    }

    private static List<String> found(Pattern pattern, Path document) {
        return pattern.matcher(Project.read(document))
                .results()
                .map(match -> match.groupCount() == 0 ? match.group() : match.group(1))
                .toList();
    }
}
