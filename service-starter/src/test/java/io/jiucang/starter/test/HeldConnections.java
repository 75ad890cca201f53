package io.jiucang.starter.test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Refuses a second connection to whoever holds one: as many such callers as the pool has connections wait for each other
 * for ever. Both takers are remembered, because a service may well survive the refusal.
 */
final class HeldConnections implements BeanPostProcessor {

    private final Map<Thread, Throwable> held = new ConcurrentHashMap<>();
    private final List<Throwable> refused = new CopyOnWriteArrayList<>();

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof DataSource pool ? new Guarded(pool) : bean;
    }

    /** @throws AssertionError with the stacks of both takers, if anyone asked for a second connection since the last call */
    void assertOneEach() {
        List<Throwable> all = List.copyOf(refused);
        refused.clear();
        if (!all.isEmpty()) {
            throw new AssertionError(
                    all.size() + " times somebody who held a connection asked for another one", all.getFirst());
        }
    }

    private Connection first(Taker pool) throws SQLException {
        Thread thread = Thread.currentThread();
        Throwable before = held.get(thread);
        if (before != null) {
            IllegalStateException second =
                    new IllegalStateException(thread + " holds a connection and asks for another", before);
            refused.add(second);
            throw second;
        }
        Connection connection = pool.take();
        Throwable taken = new Throwable("the first connection was taken here");
        held.put(thread, taken);
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        held.remove(thread, taken);
                    }
                    return call(connection, method, arguments);
                });
    }

    private static @Nullable Object call(Connection connection, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    @FunctionalInterface
    private interface Taker {
        Connection take() throws SQLException;
    }

    private final class Guarded extends DelegatingDataSource {

        Guarded(DataSource pool) {
            super(pool);
        }

        @Override
        public Connection getConnection() throws SQLException {
            return first(super::getConnection);
        }
    }
}
