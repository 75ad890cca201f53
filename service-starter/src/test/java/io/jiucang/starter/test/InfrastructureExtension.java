package io.jiucang.starter.test;

import io.cloudevents.CloudEvent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;

/** Starts the servers with the first class that asks and prepares them for each; see {@link RealInfrastructure}. */
final class InfrastructureExtension implements BeforeAllCallback, ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(InfrastructureExtension.class);

    /** Static, because Spring and JUnit each make their own instances and share nothing but the test class. */
    private static @Nullable Servers servers;

    private static @Nullable Class<?> current;
    private static @Nullable Infrastructure infrastructure;
    private static @Nullable TestLedger ledger;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                .computeIfAbsent(Servers.class, key -> (AutoCloseable) InfrastructureExtension::stop);
        of(context.getRequiredTestClass());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Infrastructure.class;
    }

    @Override
    public Infrastructure resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return of(context.getRequiredTestClass());
    }

    /** The same for a class and its nested ones, until another class asks. */
    static synchronized Infrastructure of(Class<?> testClass) {
        Class<?> outermost = testClass;
        for (Class<?> enclosing = testClass; enclosing != null; enclosing = enclosing.getEnclosingClass()) {
            outermost = enclosing;
        }
        Infrastructure prepared = infrastructure;
        if (prepared == null || current != outermost) {
            closeLedger();
            prepared = prepare(outermost);
            infrastructure = prepared;
            current = outermost;
        }
        return prepared;
    }

    /** One for all services of a class, until another class asks for its own. */
    static synchronized TestLedger ledger(
            TestPlatform platform, Infrastructure its, int partitions, Predicate<CloudEvent> anchored) {
        TestLedger running = ledger;
        if (running == null) {
            running = new TestLedger(platform, its.bootstrapServers(), partitions, anchored);
            ledger = running;
        }
        return running;
    }

    private static void closeLedger() {
        if (ledger != null) {
            ledger.close();
            ledger = null;
        }
    }

    static synchronized Infrastructure prepare(Class<?> testClass) {
        RealInfrastructure wanted = AnnotationSupport.findAnnotation(testClass, RealInfrastructure.class)
                .orElseThrow(() -> new IllegalStateException(testClass + " lacks @RealInfrastructure"));
        Servers running = servers;
        if (running == null) {
            running = Servers.start();
            servers = running;
        }
        String name = "it_" + testClass.getSimpleName().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
        try {
            return running.prepare(
                    name.substring(0, Math.min(63, name.length())), List.of(wanted.topics()), wanted.partitions());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (Exception e) {
            throw new IllegalStateException("No infrastructure for " + testClass.getSimpleName(), e);
        }
    }

    private static synchronized void stop() {
        closeLedger();
        Servers running = servers;
        servers = null;
        infrastructure = null;
        current = null;
        if (running != null) {
            running.close();
        }
    }

    /** Adds the class's properties to its Spring context, before anything of it is created. */
    static final class SpringProperties implements ContextCustomizerFactory {

        @Override
        public ContextCustomizer createContextCustomizer(
                Class<?> testClass, List<ContextConfigurationAttributes> attributes) {
            return new Customizer(testClass);
        }

        /** Equal for one test class only, so that no class gets the cached context of another with its database. */
        private record Customizer(Class<?> testClass) implements ContextCustomizer {

            @Override
            public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration merged) {
                Infrastructure its = of(testClass);
                context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource(
                                "real infrastructure",
                                Map.of(
                                        "spring.datasource.url", its.jdbcUrl(),
                                        "spring.datasource.username", its.user(),
                                        "spring.datasource.password", its.password(),
                                        "spring.kafka.bootstrap-servers", its.bootstrapServers())));
            }
        }
    }
}
