package io.jiucang.starter.store;

/** A row of the service's own that the service did not write, or not like this. Whoever needs it does nothing. */
public final class StoredRowAltered extends IllegalStateException {

    StoredRowAltered(String table, String row, String why) {
        super("the row of " + table + " for " + row + " is not as this service wrote it (" + why
                + "); restore it from a backup");
    }
}
