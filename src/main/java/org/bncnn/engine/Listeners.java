package org.bncnn.engine;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;

/** What training listeners want to be told. A plan has no activations in DL4J's layout to show them. */
final class Listeners {
    private static final ClassValue<Boolean> WANTS_ACTIVATIONS = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return overrides(type, List.class) || overrides(type, Map.class);
        }
    };

    private Listeners() {}

    /** {@return whether one of them does something with the activations of a forward pass} */
    static boolean wantActivations(Collection<TrainingListener> listeners) {
        for (TrainingListener listener : listeners) {
            if (WANTS_ACTIVATIONS.get(listener.getClass())) {
                return true;
            }
        }
        return false;
    }

    private static boolean overrides(Class<?> type, Class<?> activations) {
        try {
            return type.getMethod("onForwardPass", Model.class, activations).getDeclaringClass()
                    != BaseTrainingListener.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(type + " is no training listener", e);
        }
    }
}
