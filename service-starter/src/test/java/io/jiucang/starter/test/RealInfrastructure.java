package io.jiucang.starter.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextCustomizerFactories;

/**
 * Gives a test class real PostgreSQL and Kafka: from Docker where an engine answers, else embedded. The servers start once
 * per JVM; each class begins with a database of its own, empty, and with the topics it names, empty, and no others.
 *
 * <p>A Spring test finds them in {@code spring.datasource.*} and {@code spring.kafka.bootstrap-servers}; any test may take an
 * {@link Infrastructure} as parameter. The context is closed after the class: its listeners would take the next one's
 * records. For the same reason such classes do not run in parallel in one JVM.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(InfrastructureExtension.class)
@ContextCustomizerFactories(InfrastructureExtension.SpringProperties.class)
@DirtiesContext
public @interface RealInfrastructure {

    String[] topics() default {};

    /** Of each topic. */
    int partitions() default 3;
}
